import { at, build, indices, type NdArray, offset } from '../array.ts';
import type { PoolingGeometry } from '../pooling.ts';

/** The input elements that each output's window sees, in row-major order, by the output's place. */
function windowsOf(x: NdArray, g: PoolingGeometry, outputShape: readonly number[]): number[][] {
  const size = x.shape.slice(2);
  return indices(outputShape).map(([n, c, ...o]) =>
    indices(g.kernel)
      .map((t) => o.map((p, axis) => p * g.strides[axis] - g.pads[axis] + t[axis] * g.dilations[axis]))
      .filter((place) => place.every((p, axis) => p >= 0 && p < size[axis]))
      .map((place) => offset(x.shape, [n, c, ...place])),
  );
}

/** All to the first maximum in row-major order; windows that overlap add up. */
export function winnerTakesAll(x: NdArray, relevance: NdArray, g: PoolingGeometry): NdArray {
  const result = build(x.shape, () => 0);
  windowsOf(x, g, relevance.shape).forEach((window, j) => {
    let winner = window[0];
    for (const i of window) if (x.data[i] > x.data[winner]) winner = i;
    result.data[winner] += relevance.data[j];
  });
  return result;
}

/** Each window's relevance among all that are nearer to its maximum than 1 % of the image's maxima, root mean square. */
export function softWinnerInWindows(x: NdArray, relevance: NdArray, g: PoolingGeometry): NdArray {
  const result = build(x.shape, () => 0);
  const windows = windowsOf(x, g, relevance.shape);
  const perImage = windows.length / x.shape[0];
  const maxima = windows.map((window) => Math.max(...window.map((i) => x.data[i])));
  windows.forEach((window, j) => {
    const image = Math.floor(j / perImage);
    const t = 0.01 * rootMeanSquare(maxima.slice(image * perImage, (image + 1) * perImage));
    softShares(
      window.map((i) => x.data[i]),
      maxima[j],
      t,
    ).forEach((share, k) => {
      result.data[window[k]] += share * relevance.data[j];
    });
  });
  return result;
}

export const rootMeanSquare = (values: readonly number[]): number =>
  Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

/** What of 1 goes to each of `values`, by how much nearer than `t` they are to `winner`; evenly where nothing is to tell. */
export function softShares(values: readonly number[], winner: number, t: number): number[] {
  const weights = values.map((value) => Math.max(0, (t || 1) - Math.abs(value - winner)));
  const total = weights.reduce((sum, w) => sum + w, 0);
  return weights.map((w) => w / total);
}

/** R_i = Σ_j x_i R_j / (Σ x ± d·ε): what the window's average is stabilised by, counted in sums. */
export function inProportion(
  x: NdArray,
  relevance: NdArray,
  g: PoolingGeometry,
  divisor: (window: readonly number[], j: number) => number,
): NdArray {
  const result = build(x.shape, () => 0);
  windowsOf(x, g, relevance.shape).forEach((window, j) => {
    const d = divisor(window, j);
    const y = window.reduce((total, i) => total + x.data[i], 0) / d;
    for (const i of window)
      result.data[i] += ((x.data[i] / d) * relevance.data[j]) / (y + (y < 0 ? -1e-6 : 1e-6));
  });
  return result;
}

/** As the original: R_i += R_j x_i / Σ x, and where |Σ x| < 1e-6 the activations themselves are added. */
export function averageOriginal(x: NdArray, relevance: NdArray, g: PoolingGeometry): NdArray {
  const result = build(x.shape, () => 0);
  windowsOf(x, g, relevance.shape).forEach((window, j) => {
    const total = window.reduce((sum, i) => sum + x.data[i], 0);
    for (const i of window)
      result.data[i] += Math.abs(total) < 1e-6 ? x.data[i] : (relevance.data[j] * x.data[i]) / total;
  });
  return result;
}

/** The first maximum over whole channels. */
export function globalWinner(x: NdArray, relevance: NdArray): NdArray {
  return build(x.shape, (index) => {
    const [n, c] = index;
    const all = indices(x.shape.slice(2)).map((place) => [n, c, ...place]);
    const winner = all.reduce((best, place) => (at(x, place) > at(x, best) ? place : best));
    return winner.join() === index.join() ? relevance.data[offset(x.shape.slice(0, 2), [n, c])] : 0;
  });
}
