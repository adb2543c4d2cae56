import type { ScalarMap } from '../image/index.ts';
import { blurred } from './replacement.ts';

/** Pearson's correlation; NaN where one side is constant. */
export function pearson(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const n = a.length;
  let [meanA, meanB] = [0, 0];
  for (let i = 0; i < n; i++) {
    meanA += a[i] / n;
    meanB += b[i] / n;
  }
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    const [x, y] = [a[i] - meanA, b[i] - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : Number.NaN;
}

/**
 * Spearman's rank correlation: Pearson's of the ranks, of which equal values share the mean.
 *
 * @example
 * ```ts
 * import { spearman } from 'limn/faithfulness';
 *
 * console.log(spearman([1, 2, 3], [10, 100, 1000]));
 * ```
 */
export const spearman = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  pearson(meanRanks(a), meanRanks(b));

function meanRanks(values: ArrayLike<number>): Float64Array {
  const order = Uint32Array.from({ length: values.length }, (_, i) => i).sort(
    (a, b) => values[a] - values[b],
  );
  const found = new Float64Array(values.length);
  for (let from = 0, to: number; from < order.length; from = to) {
    to = from + 1;
    while (to < order.length && values[order[to]] === values[order[from]]) to++;
    for (let i = from; i < to; i++) found[order[i]] = (from + to - 1) / 2;
  }
  return found;
}

/**
 * Structural similarity (Wang et al. 2004) of two maps, each divided by its largest |R| as a picture of it is: the mean
 * over all pixels, with a Gaussian of 1.5 pixels, k₁ = 0.01, k₂ = 0.03 and a range of 2 (−1 to 1).
 */
export function structuralSimilarity(a: ScalarMap, b: ScalarMap): number {
  const { height, width } = a;
  const [x, y] = [a, b].map(({ data }) => {
    const largest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    return Float64Array.from(data, (value) => (largest > 0 ? value / largest : 0));
  });
  const local = (values: Float64Array) => blurred(values, height, width, 1.5);
  const [mx, my] = [local(x), local(y)];
  const [xx, yy, xy] = [
    local(x.map((v) => v * v)),
    local(y.map((v) => v * v)),
    local(x.map((v, i) => v * y[i])),
  ];
  const [c1, c2] = [(0.01 * 2) ** 2, (0.03 * 2) ** 2];
  let sum = 0;
  for (let i = 0; i < mx.length; i++) {
    const [vx, vy, vxy] = [xx[i] - mx[i] ** 2, yy[i] - my[i] ** 2, xy[i] - mx[i] * my[i]];
    sum += ((2 * mx[i] * my[i] + c1) * (2 * vxy + c2)) / ((mx[i] ** 2 + my[i] ** 2 + c1) * (vx + vy + c2));
  }
  return sum / mx.length;
}
