import { fail } from '../../common/error.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type Image, image } from '../image.ts';
import { type Colormap, colourTable, TABLE_HALF } from './colormap.ts';
import type { ScalarMap } from './map.ts';

/**
 * How the channels of relevance become one map: `sum` (the paper's figures), `mean` (the toolbox's demo) or `norm`,
 * the L2 norm (sensitivity maps: what the toolbox's formula code 99 draws of the gradient).
 */
export type ChannelReduction = 'sum' | 'mean' | 'norm';

/**
 * Where the ends of the colour map lie: at the largest |R| of each map, at a percentile of |R| (what is beyond is
 * clipped), or at a given value (one scale for several maps: {@link sharedLimit}).
 */
export type HeatmapScale = 'max' | { readonly percentile: number } | { readonly limit: number };

/**
 * Relevance N×C×H×W → N maps H×W, channels reduced in float64. Relevance that is not finite is an error
 * that names `name`, the photo, the channel, the row and the column.
 */
export function heatmaps(
  relevance: Tensor<'float32'>,
  reduction: ChannelReduction = 'sum',
  name = 'relevance',
): ScalarMap[] {
  if (relevance.shape.length !== 4) {
    fail(name, `expected relevance N×C×H×W, got [${relevance.shape}]`);
  }
  const [n, channels, height, width] = relevance.shape as [number, number, number, number];
  const plane = height * width;
  const divisor = reduction === 'mean' ? channels : 1;
  return Array.from({ length: n }, (_, photo) => {
    const data = new Float32Array(plane);
    for (let i = 0; i < plane; i++) {
      let sum = 0;
      for (let c = 0; c < channels; c++) {
        const value = relevance.data[(photo * channels + c) * plane + i];
        sum += reduction === 'norm' ? value * value : value;
      }
      data[i] = reduction === 'norm' ? Math.sqrt(sum) : sum / divisor;
    }
    const bad = data.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) {
      fail(
        name,
        `photo ${photo + 1}, row ${Math.floor(bad / width)}, column ${bad % width} is ${data[bad]}`,
        'relevance must be finite; a larger epsilon may help',
      );
    }
    return { width, height, data };
  });
}

/**
 * The value that the ends ±1 of the colour map stand for. Never negative; 0 for a map of zeros only: a percentile
 * that is 0 gives way to the maximum.
 */
export function limitOf(map: ScalarMap, scale: HeatmapScale = 'max'): number {
  if (scale === 'max') return map.data.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  if ('limit' in scale) {
    return Number.isFinite(scale.limit) && scale.limit >= 0
      ? scale.limit
      : fail('heatmap', `the limit ${scale.limit} is no finite number ≥ 0`);
  }
  // More than that share of a sparse map may be exactly zero.
  return percentile(map.data, scale.percentile) || limitOf(map, 'max');
}

/** One scale for several maps: the largest of their own limits, to compare them by eye. */
export function sharedLimit(maps: readonly ScalarMap[], scale: HeatmapScale = 'max'): number {
  return maps.reduce((max, map) => Math.max(max, limitOf(map, scale)), 0);
}

/** The p-th percentile of |values|, linear between neighbours (NumPy's default). */
function percentile(values: Float32Array, p: number): number {
  if (!(p > 0 && p <= 100)) fail('heatmap', `the percentile ${p} is not in (0, 100]`);
  const sorted = values.map(Math.abs).sort();
  const position = (p / 100) * (sorted.length - 1);
  const low = Math.floor(position);
  const high = Math.min(low + 1, sorted.length - 1);
  return sorted[low] + (sorted[high] - sorted[low]) * (position - low);
}

/** Each value divided by `limit` and clipped to [−1, 1]; all zeros where the limit is 0. */
export function normalise(map: ScalarMap, limit: number): ScalarMap {
  const data = map.data.map((value) => (limit > 0 ? Math.min(Math.max(value / limit, -1), 1) : 0));
  return { ...map, data };
}

/**
 * A map as a picture: x = value / limit, clipped to [−1, 1], through the colour map. Zero is always its centre.
 *
 * @example
 * ```ts
 * import { colormap, limitOf, renderHeatmap } from 'limn';
 *
 * const map = { width: 2, height: 1, data: Float32Array.of(1, -0.5) };
 * const { width, height } = renderHeatmap(map, colormap('seismic'), limitOf(map));
 * console.log(width, height);
 * ```
 */
export function renderHeatmap(map: ScalarMap, colours: Colormap, limit = limitOf(map)): Image {
  const table = colourTable(colours);
  const out = image(map.width, map.height);
  const { data } = normalise(map, limit);
  for (let i = 0, o = 0; i < data.length; i++, o += 3) {
    const entry = (TABLE_HALF + Math.round(data[i] * TABLE_HALF)) * 3;
    out.data[o] = table[entry];
    out.data[o + 1] = table[entry + 1];
    out.data[o + 2] = table[entry + 2];
  }
  return out;
}
