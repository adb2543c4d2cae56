import { fail } from '../common/error.ts';
import {
  addMoments,
  type ExactMoments,
  mergeMoments,
  momentsMean,
  momentsVariance,
  noMoments,
} from '../common/exactmoments.ts';
import type { ScalarMap } from '../image/index.ts';

/** Exact sums over heatmaps of one size, from which their mean and their spread follow; grows by {@link addMap}. */
export interface Moments extends ExactMoments {
  readonly width: number;
  readonly height: number;
}

/** No heatmaps yet. */
export const noMaps = (width: number, height: number): Moments => ({
  width,
  height,
  ...noMoments(width * height),
});

/** Takes a heatmap into the sums. Errors: a map of another size; it is named `name`. */
export function addMap(moments: Moments, map: ScalarMap, name: string): void {
  checkSize(moments, map, name, 'its heatmap is');
  addMoments(moments, map.data);
}

/** Adds what other heatmaps came to, as those of another fold's model. Errors: of another size; they are those of `name`. */
export function mergeMaps(moments: Moments, other: Moments, name: string): void {
  checkSize(moments, other, name, 'its heatmaps are');
  mergeMoments(moments, other);
}

type Size = Pick<ScalarMap, 'width' | 'height'>;

function checkSize({ width, height }: Size, other: Size, name: string, what: string): void {
  if (other.width === width && other.height === height) return;
  fail(
    name,
    `${what} ${other.height}×${other.width}, the others' ${height}×${width}`,
    'average maps of one size',
  );
}

/** The mean heatmap. */
export const meanMap = (moments: Moments): ScalarMap => mapOf(moments, momentsMean);

/** The population standard deviation of each pixel over the heatmaps: zeros for one map or none. */
export const deviationMap = (moments: Moments): ScalarMap =>
  mapOf(moments, (all, i) => Math.sqrt(momentsVariance(all, i)));

const mapOf = (moments: Moments, value: (moments: Moments, i: number) => number): ScalarMap => ({
  width: moments.width,
  height: moments.height,
  data: Float32Array.from({ length: moments.width * moments.height }, (_, i) => value(moments, i)),
});
