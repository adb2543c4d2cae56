import { fail } from '../common/error.ts';
import { addVector, noVectors, type VectorMoments } from '../common/moments.ts';
import type { ScalarMap } from '../image/index.ts';

/** Sums over heatmaps of one size, from which their mean and their spread follow; grows by {@link addMap}. */
export interface Moments extends VectorMoments {
  readonly width: number;
  readonly height: number;
}

/** No heatmaps yet. */
export const noMaps = (width: number, height: number): Moments => ({
  width,
  height,
  ...noVectors(width * height),
});

/** Takes a heatmap into the sums. Errors: a map of another size; it is named `name`. */
export function addMap(moments: Moments, map: ScalarMap, name: string): void {
  const { width, height } = moments;
  if (map.width !== width || map.height !== height) {
    fail(
      name,
      `its heatmap is ${map.height}×${map.width}, the others' ${height}×${width}`,
      'average maps of one size',
    );
  }
  addVector(moments, map.data);
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
