import { fail } from '../../common/error.ts';
import { firstNotFinite } from '../../common/finite.ts';
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
  return Array.from({ length: n }, (_, photo) => {
    const data = pooled(relevance.data.subarray(photo * channels * plane), plane, channels, reduction);
    const bad = firstNotFinite(data);
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

/** Channels of `plane` values each as one. */
function pooled(
  values: Float32Array,
  plane: number,
  channels: number,
  reduction: ChannelReduction,
): Float32Array {
  const sums = new Float64Array(plane);
  for (let c = 0; c < channels; c++) {
    for (let i = 0, at = c * plane; i < plane; i++, at++) {
      sums[i] += reduction === 'norm' ? values[at] * values[at] : values[at];
    }
  }
  const divisor = reduction === 'mean' ? channels : 1;
  const out = new Float32Array(plane);
  for (let i = 0; i < plane; i++) out[i] = reduction === 'norm' ? Math.sqrt(sums[i]) : sums[i] / divisor;
  return out;
}

/**
 * The value that the ends ±1 of the colour map stand for. Never negative; 0 for a map of zeros only: a percentile
 * that is 0 gives way to the maximum.
 */
export function limitOf(map: ScalarMap, scale: HeatmapScale = 'max'): number {
  if (scale === 'max') return largestMagnitude(map.data);
  if ('limit' in scale) {
    return Number.isFinite(scale.limit) && scale.limit >= 0
      ? scale.limit
      : fail('heatmap', `the limit ${scale.limit} is no finite number ≥ 0`);
  }
  // More than that share of a sparse map may be exactly zero.
  return percentile(map.data, scale.percentile) || limitOf(map, 'max');
}

function largestMagnitude(values: Float32Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]));
  return largest;
}

/** One scale for several maps: the largest of their own limits, to compare them by eye. */
export function sharedLimit(maps: readonly ScalarMap[], scale: HeatmapScale = 'max'): number {
  return maps.reduce((max, map) => Math.max(max, limitOf(map, scale)), 0);
}

/** The p-th percentile of |values|, linear between neighbours (NumPy's default). */
function percentile(values: Float32Array, p: number): number {
  if (!(p > 0 && p <= 100)) fail('heatmap', `the percentile ${p} is not in (0, 100]`);
  const position = (p / 100) * (values.length - 1);
  const below = Math.floor(position);
  const low = nthMagnitude(values, below);
  const high = nthMagnitude(values, Math.min(below + 1, values.length - 1));
  return low + (high - low) * (position - below);
}

/**
 * The value at place n of |values| in rising order. Magnitudes of float32 are ordered as their bits are, so that counting bits from
 * above, some at a time, finds it in three passes, where sorting takes twenty times as long.
 */
function nthMagnitude(values: Float32Array, n: number): number {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  let [found, known] = [0, 0x80000000];
  for (const [shift, width] of [
    [20, 11],
    [10, 10],
    [0, 10],
  ]) {
    const counts = new Uint32Array(1 << width);
    const most = counts.length - 1;
    const wanted = found >>> 0;
    const mask = known & 0x7fffffff;
    for (let i = 0; i < bits.length; i++)
      if ((bits[i] & mask) === wanted) counts[(bits[i] >>> shift) & most]++;
    let digit = 0;
    while (n >= counts[digit]) n -= counts[digit++];
    found |= digit << shift;
    known |= most << shift;
  }
  return new Float32Array(Uint32Array.of(found).buffer)[0];
}

/** Each value divided by `limit` and clipped to [−1, 1]; all zeros where the limit is 0. */
export function normalise(map: ScalarMap, limit: number): ScalarMap {
  const data = new Float32Array(map.data.length);
  if (limit > 0) {
    for (let i = 0; i < data.length; i++) data[i] = Math.min(Math.max(map.data[i] / limit, -1), 1);
  }
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
  const { data: pixels } = out;
  const { data } = normalise(map, limit);
  for (let i = 0, o = 0; i < data.length; i++, o += 3) {
    const entry = tableEntry(data[i]);
    pixels[o] = table[entry];
    pixels[o + 1] = table[entry + 1];
    pixels[o + 2] = table[entry + 2];
  }
  return out;
}

/** Where the colour of x in [−1, 1] begins in a {@link colourTable}. */
export const tableEntry = (x: number): number => (TABLE_HALF + Math.round(x * TABLE_HALF)) * 3;
