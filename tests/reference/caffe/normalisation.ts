import { at, atOr, build, type NdArray } from '../array.ts';

export interface CaffeLrn {
  readonly localSize: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

/** y = x·(k + alpha/size · Σ x² over the channels around)^(−beta). */
export function acrossChannels(x: NdArray, { localSize, alpha, beta, k }: CaffeLrn): NdArray {
  const half = (localSize - 1) / 2;
  return build(x.shape, ([n, c, h, w]) => {
    let sum = 0;
    for (let i = c - half; i <= c + half; i++) sum += atOr(x, [n, i, h, w], 0) ** 2;
    return at(x, [n, c, h, w]) * (k + (alpha / localSize) * sum) ** -beta;
  });
}

/** y = x·(1 + alpha·average of x² over the pixels around, outside pixels counted as 0)^(−beta). */
export function withinChannel(x: NdArray, { localSize, alpha, beta }: CaffeLrn): NdArray {
  const half = (localSize - 1) / 2;
  return build(x.shape, ([n, c, h, w]) => {
    let sum = 0;
    for (let i = h - half; i <= h + half; i++) {
      for (let j = w - half; j <= w + half; j++) sum += atOr(x, [n, c, i, j], 0) ** 2;
    }
    return at(x, [n, c, h, w]) * (1 + alpha * (sum / localSize ** 2)) ** -beta;
  });
}

/** The running sums are divided by `divisor`; 0 makes them 0. */
export function batchNorm(
  x: NdArray,
  mean: NdArray,
  variance: NdArray,
  divisor: number,
  eps: number,
): NdArray {
  const factor = divisor === 0 ? 0 : 1 / divisor;
  return build(x.shape, (index) => {
    const c = index[1];
    return (at(x, index) - mean.data[c] * factor) / Math.sqrt(variance.data[c] * factor + eps);
  });
}

/** eˣ/Σ eˣ along an axis. */
export function softmax(x: NdArray, axis: number): NdArray {
  return build(x.shape, (index) => {
    let sum = 0;
    for (let i = 0; i < x.shape[axis]; i++) sum += Math.exp(at(x, index.with(axis, i)));
    return Math.exp(at(x, index)) / sum;
  });
}
