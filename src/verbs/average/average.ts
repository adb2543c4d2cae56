import { rows } from '../../classifier/index.ts';
import type { FileData } from '../../common/bytes.ts';
import { fail } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import type { Tensor } from '../../graph/index.ts';
import {
  averageRelevance,
  colormap,
  heatmaps,
  type Image,
  layoutFigure,
  limitOf,
  readRawHeatmap,
  renderHeatmap,
  writeNpy,
  writeRawHeatmap,
} from '../../image/index.ts';
import { heatmapScaleOf } from '../explain/request.ts';
import type { Host } from '../host.ts';
import { filesNamed, type Wanted } from '../paths.ts';
import { readFloats } from '../photos.ts';
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
    ...fields
  } = checkRequest(averageRequest, request, signal);
  const scale = heatmapScaleOf(fields);
  const paths = await filesNamed(given, rawHeatmaps, host);
  host.files.protect(paths);
  await host.files.claim([output]);
  const maps: Tensor<'float32'>[] = [];
  const names: string[] = [];
  for (const path of paths) {
    signal?.throwIfAborted();
    for (const map of await readMaps(path, channels, host)) {
      maps.push(map);
      names.push(path);
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
      name: names[i],
      map: heatmaps(one, pooling)[0],
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

const rawHeatmaps: Wanted = { what: 'raw heatmaps', is: (path) => /(\.npy|_rawhm\.txt)$/i.test(path) };

/** The heatmaps of a file, 1×C×H×W each. */
async function readMaps(path: string, order: 'bgr' | 'rgb', host: Host): Promise<Tensor<'float32'>[]> {
  if (/\.txt$/i.test(path)) {
    return [readRawHeatmap(await readText(host.files, path, 'a heatmap'), path, order)];
  }
  const all = await readFloats(path, host);
  const batch = all.shape.length === 3 ? { ...all, shape: [1, ...all.shape] } : all;
  if (batch.shape.length !== 4 || batch.shape.includes(0)) {
    fail(path, `expected relevance N×C×H×W, got [${all.shape}]`, 'give raw relevance as explain writes it');
  }
  return Array.from({ length: batch.shape[0] }, (_, i) => rows(batch, i, i + 1));
}
