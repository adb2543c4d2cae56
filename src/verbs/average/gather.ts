import type { Tensor } from '../../graph/index.ts';
import { addRelevance, mergeRelevance, type RelevanceSums } from '../../image/index.ts';
import type { Host } from '../host.ts';
import { readRawHeatmaps } from '../rawheatmaps.ts';
import type { AverageFields } from './request.ts';

/** So many heatmaps are shown beside their mean; more would be too small a part of it. */
export const fewMaps = 3;

/** What raw heatmaps come to, however many there are. */
export interface GatheredMaps {
  readonly sums: RelevanceSums;
  /** What a figure calls the files, each once. */
  readonly titles: ReadonlySet<string>;
  /** The least and the largest Σ|R| of maps that are not all zeros. */
  readonly sizes: { least: number; most: number };
  /** The first of them with their titles, one more than a figure shows. */
  readonly few: { readonly name: string; readonly map: Tensor<'float32'> }[];
}

/** Reads heatmaps one after the other; undefined where there is none. Errors: a file that holds no relevance; shapes that differ. */
export async function gatherMaps(
  files: readonly { readonly path: string; readonly title: string }[],
  { channels, normalise }: Pick<AverageFields, 'channels' | 'normalise'>,
  host: Host,
  signal?: AbortSignal,
): Promise<GatheredMaps | undefined> {
  let sums: RelevanceSums | undefined;
  const titles = new Set<string>();
  const sizes = { least: Number.POSITIVE_INFINITY, most: 0 };
  const few: GatheredMaps['few'] = [];
  for (const { path, title } of files) {
    signal?.throwIfAborted();
    for (const { relevance } of await readRawHeatmaps(path, channels, host)) {
      const size = relevance.data.reduce((sum, value) => sum + Math.abs(value), 0);
      if (size > 0) {
        sizes.least = Math.min(sizes.least, size);
        sizes.most = Math.max(sizes.most, size);
      }
      const map = normalise ? scaledBy(relevance, size) : relevance;
      sums = addRelevance(sums, map, path);
      titles.add(title);
      if (few.length <= fewMaps) few.push({ name: title, map });
    }
  }
  return sums && { sums, titles, sizes, few };
}

/** Adds what the maps after them came to. */
export function joinMaps(before: GatheredMaps, after: GatheredMaps): GatheredMaps {
  mergeRelevance(before.sums, after.sums);
  return {
    sums: before.sums,
    titles: new Set([...before.titles, ...after.titles]),
    sizes: {
      least: Math.min(before.sizes.least, after.sizes.least),
      most: Math.max(before.sizes.most, after.sizes.most),
    },
    few: [...before.few, ...after.few].slice(0, fewMaps + 1),
  };
}

/** A map divided by its size; one that is all zeros stays. */
const scaledBy = (map: Tensor<'float32'>, size: number): Tensor<'float32'> =>
  size > 0 ? { ...map, data: map.data.map((value) => value / size) } : map;
