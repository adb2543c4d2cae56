import type { FileData } from '../../common/bytes.ts';
import { fail, failRequest } from '../../common/error.ts';
import { plural } from '../../common/format.ts';
import { field, words } from '../../common/words.ts';
import type { Tensor } from '../../graph/index.ts';
import {
  averageRelevance,
  colormap,
  heatmaps,
  type Image,
  layoutFigure,
  limitOf,
  renderHeatmap,
  writeNpy,
  writeRawHeatmap,
} from '../../image/index.ts';
import { heatmapScaleOf } from '../explain/request.ts';
import type { Host } from '../host.ts';
import { filesNamed } from '../paths.ts';
import { rawHeatmaps, readRawHeatmaps } from '../rawheatmaps.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { averageFigure } from './figure.ts';
import { type AverageRequest, averageRequest } from './request.ts';

/** What was averaged, and how alike it was. */
export interface AverageResult {
  /** The file that was written. */
  readonly output: string;
  /** How many maps were averaged. */
  readonly maps: number;
  /** Of the mean, 1×C×H×W. */
  readonly shape: readonly number[];
  /** How many times the Σ|R| of the smallest map that of the largest is: few maps decide the mean where it is large. */
  readonly spread: number;
  /** The value at the ends of the colours. */
  readonly limit: number;
}

/**
 * Averages raw heatmaps of one shape, as the paper does over the models of several folds, and writes the mean: raw, or
 * as a figure, or a bare heatmap. Errors: the request's; a file that holds no relevance, maps of different shapes.
 */
export async function average(
  request: AverageRequest,
  host: Host,
  { signal }: Watch<never> = {},
): Promise<AverageResult> {
  const {
    maps: given,
    output,
    channels,
    normalise,
    pooling,
    colors,
    figure,
    density,
    names: called,
    ...fields
  } = checkRequest(averageRequest, request, signal);
  const scale = heatmapScaleOf(fields);
  const paths = await filesNamed(given, rawHeatmaps, host);
  if (called && called.length !== paths.length)
    failRequest(words`${field('names')}`, `${called.length} for ${plural(paths.length, 'file')}`);
  host.files.protect(paths);
  await host.files.claim([output]);
  const maps: Tensor<'float32'>[] = [];
  const names: string[] = [];
  const titles: string[] = [];
  for (const [i, path] of paths.entries()) {
    signal?.throwIfAborted();
    for (const { relevance } of await readRawHeatmaps(path, channels, host)) {
      maps.push(relevance);
      names.push(path);
      titles.push(called?.[i] ?? path);
    }
  }
  const sizes = maps.map(({ data }) => data.reduce((sum, value) => sum + Math.abs(value), 0));
  const averaged = normalise ? maps.map((each, i) => scaledBy(each, sizes[i])) : maps;
  const mean = averageRelevance(averaged, names);
  const [map] = heatmaps(mean, pooling);
  if (!map) return fail('average', 'no relevance maps given');
  const limit = limitOf(map, scale);
  const spread = spreadOf(sizes);
  const drawn = (): Image | Promise<Image> => {
    if (!figure) return renderHeatmap(map, colormap(colors), limit);
    const each = averaged.map((one, i) => ({
      name: titles[i],
      map: () => heatmaps(one, pooling)[0],
    }));
    const about = { mean: map, maps: each, normalise, spread };
    return host.images.draw(layoutFigure(averageFigure(about, { colors, scale, density })));
  };
  const content = async (): Promise<FileData> => {
    if (/\.npy$/i.test(output)) return writeNpy(mean);
    if (/\.txt$/i.test(output)) return writeRawHeatmap(mean, channels);
    return host.images.encodePng(await drawn());
  };
  await host.files.write(output, await content());
  return { output, maps: maps.length, shape: mean.shape, spread, limit };
}

/** A map divided by its size; one that is all zeros stays. */
const scaledBy = (map: Tensor<'float32'>, size: number): Tensor<'float32'> =>
  size > 0 ? { ...map, data: map.data.map((value) => value / size) } : map;

function spreadOf(sizes: readonly number[]): number {
  const some = sizes.filter((size) => size > 0);
  return some.length > 0 ? Math.max(...some) / Math.min(...some) : 1;
}
