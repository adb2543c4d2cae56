import {
  type Description,
  type Explainer,
  type Explanation,
  explainer,
  passesOf,
  type ResolvedTarget,
  sharesScore,
  type Target,
} from '../../attribution/index.ts';
import { joined, rows } from '../../classifier/index.ts';
import type { NetworkPhoto } from '../../faithfulness/index.ts';
import { float32, type Model, type Tensor } from '../../graph/index.ts';
import { heatmaps, type ScalarMap } from '../../image/index.ts';
import type { Compute } from '../host.ts';
import type { NamedMethod } from './methods.ts';
import type { PassCounter } from './passes.ts';

/** Maps of a batch by one method. */
export interface BatchMaps {
  readonly maps: readonly ScalarMap[];
  readonly targets: readonly ResolvedTarget[];
  /** How far the relevance is from adding up, as a share of what is explained; NaN where it need not. */
  readonly incompleteness: readonly number[];
  readonly description: Description;
}

/** A method that is ready to make maps of batches. */
export interface Mapper {
  readonly name: string;
  /** Counts the passes that were planned for so many images. */
  explain(
    input: Tensor<'float32'>,
    targets: Target | readonly ResolvedTarget[],
    passes: PassCounter,
  ): Promise<BatchMaps>;
  release(): Promise<void>;
}

export function mapperOf(
  model: Model,
  { name, method, pooling }: Omit<NamedMethod, 'sparing'>,
  { runtime, session, workers }: Compute,
): Mapper {
  const made: Explainer = explainer(model, runtime, { ...method, session });
  const planned = passesOf(method);
  return {
    name,
    async explain(input, targets, passes) {
      const images = input.shape[0];
      // Each worker has a part.
      const each = Math.ceil(images / workers);
      const starts = Array.from({ length: Math.ceil(images / each) }, (_, i) => i * each);
      const parts = await Promise.all(
        starts.map((from) => {
          const to = Math.min(images, from + each);
          const target = isList(targets) ? targets.slice(from, to) : targets;
          const watch = passes.during(planned * (to - from));
          return made.explain(rows(input, from, to), { target, ...watch });
        }),
      );
      return {
        maps: parts.flatMap(({ relevance }) => heatmaps(relevance, pooling)),
        targets: parts.flatMap((part) => part.targets),
        incompleteness: parts.flatMap(incompletenessOf),
        description: parts[0].description,
      };
    },
    release: () => made.release(),
  };
}

const isList = (given: Target | readonly ResolvedTarget[]): given is readonly ResolvedTarget[] =>
  Array.isArray(given);

/** Relevance adds up to the score, or with a baseline to the difference from it; other methods promise nothing. */
function incompletenessOf({ relevance, scores, targets, completeness, description }: Explanation): number[] {
  const promises = sharesScore(description) || completeness;
  return targets.map(({ classes, against }, i) => {
    if (!promises) return Number.NaN;
    const values = rows(scores, i, i + 1).data;
    const sum = (indices: readonly number[]) => indices.reduce((total, index) => total + values[index], 0);
    const explained = completeness?.[i].difference ?? sum(classes) - sum(against);
    const attributed = rows(relevance, i, i + 1).data.reduce((total, value) => total + value, 0);
    return Math.abs(attributed - explained) / Math.abs(explained);
  });
}

/** Changed copies of a photo as a batch. */
export const inputOfCopies = (
  { channels, height, width }: NetworkPhoto,
  copies: readonly Float32Array[],
): Tensor<'float32'> => joined(copies.map((data) => float32([1, channels, height, width], data)));

/** Photos of one size as a batch. */
export const inputOfPhotos = (photos: readonly NetworkPhoto[]): Tensor<'float32'> =>
  joined(photos.map((photo) => inputOfCopies(photo, [photo.data])));
