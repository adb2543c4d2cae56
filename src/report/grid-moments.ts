import { fail } from '../common/error.ts';
import type { ScalarMap } from '../image/index.ts';

/** Sums over heatmaps of one size, from which their mean and their spread follow; grows by {@link addMap}. */
export interface Moments {
  readonly width: number;
  readonly height: number;
  count: number;
  readonly mean: Float64Array;
  /** Sums of squared differences from the mean. */
  readonly squares: Float64Array;
}

/** No heatmaps yet. */
export const noMaps = (width: number, height: number): Moments => ({
  width,
  height,
  count: 0,
  mean: new Float64Array(width * height),
  squares: new Float64Array(width * height),
});

/**
 * Takes a heatmap into the sums, in float64 (Welford 1962: no differences of large sums). Errors: a map of another
 * size; it is named `name`.
 */
export function addMap(moments: Moments, map: ScalarMap, name: string): void {
  const { width, height, mean, squares } = moments;
  if (map.width !== width || map.height !== height) {
    fail(
      name,
      `its heatmap is ${map.height}×${map.width}, the others' ${height}×${width}`,
      'average maps of one size',
    );
  }
  moments.count++;
  for (let i = 0; i < mean.length; i++) {
    const before = map.data[i] - mean[i];
    mean[i] += before / moments.count;
    squares[i] += before * (map.data[i] - mean[i]);
  }
}

/** The sums over two sets of heatmaps together, as over the models of several folds (Chan et al. 1979). */
export function joinMoments(a: Moments, b: Moments, name: string): Moments {
  if (a.width !== b.width || a.height !== b.height) {
    fail(name, `its heatmaps are ${b.height}×${b.width}, the others' ${a.height}×${a.width}`);
  }
  const count = a.count + b.count;
  const joined = { ...noMaps(a.width, a.height), count };
  if (count === 0) return joined;
  for (let i = 0; i < a.mean.length; i++) {
    const apart = b.mean[i] - a.mean[i];
    joined.mean[i] = a.mean[i] + (apart * b.count) / count;
    joined.squares[i] = a.squares[i] + b.squares[i] + (apart * apart * a.count * b.count) / count;
  }
  return joined;
}

/** The mean heatmap. */
export const meanMap = ({ width, height, mean }: Moments): ScalarMap => ({
  width,
  height,
  data: Float32Array.from(mean),
});

/** The population standard deviation of each pixel over the heatmaps: zeros for one map or none. */
export const deviationMap = ({ width, height, squares, count }: Moments): ScalarMap => ({
  width,
  height,
  data: Float32Array.from(squares, (sum) => Math.sqrt(sum / Math.max(count, 1))),
});
