import { at, atOr, build, count, type NdArray } from '../array.ts';

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

/** SSD's: x / √(Σ x² + eps), over channels or over the whole image, times one number or one for each channel. */
export function normalize(x: NdArray, scale: NdArray, across: boolean, eps: number): NdArray {
  const [, channels, ...spatial] = x.shape;
  const cells = count(spatial);
  return build(x.shape, (index) => {
    const cell = index.slice(2).reduce((place, i, k) => place * spatial[k] + i, 0);
    let sum = Math.fround(eps);
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < cells; i++) {
        if (across || i === cell) sum += x.data[(index[0] * channels + c) * cells + i] ** 2;
      }
    }
    return (at(x, index) / Math.sqrt(sum)) * scale.data[scale.data.length === 1 ? 0 : index[1]];
  });
}

/** (x − mean) / (√variance + eps), of each channel or of the whole image. */
export function mvn(x: NdArray, variance: boolean, across: boolean, eps: number): NdArray {
  const [, channels, height, width] = x.shape;
  const cells = height * width;
  return build(x.shape, (index) => {
    const first = (index[0] * channels + (across ? 0 : index[1])) * cells;
    const values = x.data.subarray(first, first + (across ? channels : 1) * cells);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const spread = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    const centred = at(x, index) - mean;
    return variance ? centred / (Math.sqrt(spread) + Math.fround(eps)) : centred;
  });
}
