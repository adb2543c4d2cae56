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
import type { PassCounter } from './passes.ts';
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
  readonly methods: readonly (SparingMethod & {
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

/** A method that makes many maps, and where it is computed. */
export interface SparingMethod {
  readonly method: NamedMethod;
  readonly compute: Compute;
}

/** Explains some photos with the trained network. */
export async function trainedMaps(
  model: Model,
  photos: readonly ReadyPhoto[],
  methods: readonly SparingMethod[],
  target: string,
  copying: CopyOptions | undefined,
  passes: PassCounter,
): Promise<TrainedMaps> {
  const input = inputOfPhotos(photos.map(({ photo }) => photo));
  const copies =
    copying &&
    photos.map(({ photo }) => inputOfCopies(photo, noisyCopies(photo, copying.copies, copying.seed)));
  const found: TrainedMaps['methods'][number][] = [];
  for (const method of methods) {
    const maps = await once(model, method, async (by) => {
      const before = await by.explain(input, parseTarget(target), passes);
      return { before, smooth: copies && (await smoothMaps(by, copies, before.targets, passes)) };
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
  passes: PassCounter,
): Promise<Float64Array[]> {
  const found: Float64Array[] = [];
  for (const [i, input] of copies.entries()) {
    const { maps } = await by.explain(input, new Array(input.shape[0]).fill(targets[i]), passes);
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
  passes: PassCounter,
): Promise<LayerLikeness> {
  const found: Record<string, Likeness> = {};
  for (const { before, smooth, ...method } of methods) {
    const { after, smoothAfter } = await once(model, method, async (by) => ({
      after: await by.explain(input, before.targets, passes),
      smoothAfter: copies && isWhole(rest) ? await smoothMaps(by, copies, before.targets, passes) : undefined,
    }));
    found[method.method.name] = {
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
  { method: { name, pooling, sparing }, compute }: SparingMethod,
  work: (mapper: Mapper) => Promise<T>,
): Promise<T> {
  const mapper = mapperOf(model, { name, pooling, method: sparing }, compute);
  try {
    return await work(mapper);
  } finally {
    await mapper.release();
  }
}
