import { parseTarget, type ResolvedTarget } from '../../attribution/index.ts';
import {
  entropy,
  noisyCopies,
  type Randomised,
  spearman,
  structuralSimilarity,
} from '../../faithfulness/index.ts';
import type { Model, Tensor } from '../../graph/index.ts';
import type { Compute } from '../host.ts';
import { type BatchMaps, inputOfCopies, inputOfPhotos, type Mapper, mapperOf } from './maps.ts';
import type { NamedMethod } from './methods.ts';
import type { ReadyPhoto } from './photos.ts';

/** How maps compare with those of the trained network, photo by photo. */
export interface Likeness {
  readonly rank: readonly number[];
  readonly similarity: readonly number[];
  /** (entropy with the weights drawn anew − entropy before) / entropy before. */
  readonly rise: readonly number[];
  /** The rank correlation of mean maps over noisy copies, where they are asked for. */
  readonly smooth?: readonly number[] | undefined;
}

/** One randomised network's maps. */
export interface LayerLikeness extends Omit<Randomised, 'model'> {
  readonly methods: Readonly<Record<string, Likeness>>;
}

/** The maps of the trained network, which others are held against. */
export interface TrainedMaps {
  readonly input: Tensor<'float32'>;
  readonly methods: readonly (NamedMethod & {
    readonly before: BatchMaps;
    /** Each photo's mean map over its noisy copies. */
    readonly smooth?: readonly Float64Array[] | undefined;
  })[];
  /** Of each photo, noisy copies as a batch. */
  readonly copies?: readonly Tensor<'float32'>[] | undefined;
}

/** How many noisy copies, and by which seed. */
export interface CopyOptions {
  readonly copies: number;
  readonly seed: number;
}

/** Explains some photos with the trained network. */
export async function trainedMaps(
  model: Model,
  photos: readonly ReadyPhoto[],
  methods: readonly NamedMethod[],
  target: string,
  copying: CopyOptions | undefined,
  compute: Compute,
  signal?: AbortSignal,
): Promise<TrainedMaps> {
  const input = inputOfPhotos(photos.map(({ photo }) => photo));
  const copies =
    copying &&
    photos.map(({ photo }) => inputOfCopies(photo, noisyCopies(photo, copying.copies, copying.seed)));
  const found: TrainedMaps['methods'][number][] = [];
  for (const method of methods) {
    signal?.throwIfAborted();
    const maps = await once(model, method, compute, async (by) => {
      const before = await by.explain(input, parseTarget(target), signal);
      return { before, smooth: copies && (await smoothMaps(by, copies, before.targets, signal)) };
    });
    found.push({ ...method, ...maps });
  }
  return { input, methods: found, copies };
}

/** The mean map over each photo's copies, all for the photo's own class. */
async function smoothMaps(
  by: Mapper,
  copies: readonly Tensor<'float32'>[],
  targets: readonly ResolvedTarget[],
  signal?: AbortSignal,
): Promise<Float64Array[]> {
  const found: Float64Array[] = [];
  for (const [i, input] of copies.entries()) {
    const { maps } = await by.explain(input, new Array(input.shape[0]).fill(targets[i]), signal);
    const mean = new Float64Array(maps[0].data.length);
    for (const { data } of maps) for (let p = 0; p < mean.length; p++) mean[p] += data[p] / maps.length;
    found.push(mean);
  }
  return found;
}

/**
 * Explains the same photos, for the same classes, with a randomised network; with one whose weights are all drawn anew the
 * noisy copies as well, if there are any.
 */
export async function likenessAfter(
  { model, ...rest }: Randomised,
  { input, methods, copies }: TrainedMaps,
  compute: Compute,
  signal?: AbortSignal,
): Promise<LayerLikeness> {
  const found: Record<string, Likeness> = {};
  for (const { before, smooth, ...method } of methods) {
    signal?.throwIfAborted();
    const { after, smoothAfter } = await once(model, method, compute, async (by) => ({
      after: await by.explain(input, before.targets, signal),
      smoothAfter: copies && isWhole(rest) ? await smoothMaps(by, copies, before.targets, signal) : undefined,
    }));
    found[method.name] = {
      rank: before.maps.map(({ data }, i) => spearman(data, after.maps[i].data)),
      similarity: before.maps.map((map, i) => structuralSimilarity(map, after.maps[i])),
      rise: before.maps.map((map, i) => entropy(after.maps[i]) / entropy(map) - 1),
      ...(smooth && smoothAfter && { smooth: smooth.map((map, i) => spearman(map, smoothAfter[i])) }),
    };
  }
  return { ...rest, methods: found };
}

/** Whether all weights are drawn anew. */
export const isWhole = ({ kind, share }: Omit<Randomised, 'model'>): boolean =>
  kind === 'cascading' && share === 1;

/** Makes a method's maps and keeps none of its sessions. */
async function once<T>(
  model: Model,
  method: NamedMethod,
  compute: Compute,
  work: (mapper: Mapper) => Promise<T>,
): Promise<T> {
  const mapper = mapperOf(model, method, compute);
  try {
    return await work(mapper);
  } finally {
    await mapper.release();
  }
}
