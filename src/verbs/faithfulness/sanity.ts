import { parseTarget } from '../../attribution/index.ts';
import { entropy, type Randomised, spearman, structuralSimilarity } from '../../faithfulness/index.ts';
import type { Model, Tensor } from '../../graph/index.ts';
import type { Compute } from '../host.ts';
import { type BatchMaps, inputOfPhotos, type Mapper, mapperOf } from './maps.ts';
import type { NamedMethod } from './methods.ts';
import type { ReadyPhoto } from './photos.ts';

/** How maps compare with those of the trained network, photo by photo. */
export interface Likeness {
  readonly rank: readonly number[];
  readonly similarity: readonly number[];
  /** (entropy with the weights drawn anew − entropy before) / entropy before. */
  readonly rise: readonly number[];
}

/** One randomised network's maps. */
export interface LayerLikeness extends Omit<Randomised, 'model'> {
  readonly methods: Readonly<Record<string, Likeness>>;
}

/** The maps of the trained network, which others are held against. */
export interface TrainedMaps {
  readonly input: Tensor<'float32'>;
  readonly methods: readonly (NamedMethod & { readonly before: BatchMaps })[];
}

/** Explains some photos with the trained network. */
export async function trainedMaps(
  model: Model,
  photos: readonly ReadyPhoto[],
  methods: readonly NamedMethod[],
  target: string,
  compute: Compute,
  signal?: AbortSignal,
): Promise<TrainedMaps> {
  const input = inputOfPhotos(photos.map(({ photo }) => photo));
  const found: TrainedMaps['methods'][number][] = [];
  for (const method of methods) {
    signal?.throwIfAborted();
    const before = await once(model, method, compute, (by) => by.explain(input, parseTarget(target), signal));
    found.push({ ...method, before });
  }
  return { input, methods: found };
}

/** Explains the same photos, for the same classes, with a randomised network. */
export async function likenessAfter(
  { model, ...rest }: Randomised,
  { input, methods }: TrainedMaps,
  compute: Compute,
  signal?: AbortSignal,
): Promise<LayerLikeness> {
  const found: Record<string, Likeness> = {};
  for (const { before, ...method } of methods) {
    signal?.throwIfAborted();
    const after = await once(model, method, compute, (by) => by.explain(input, before.targets, signal));
    found[method.name] = {
      rank: before.maps.map(({ data }, i) => spearman(data, after.maps[i].data)),
      similarity: before.maps.map((map, i) => structuralSimilarity(map, after.maps[i])),
      rise: before.maps.map((map, i) => entropy(after.maps[i]) / entropy(map) - 1),
    };
  }
  return { ...rest, methods: found };
}

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
