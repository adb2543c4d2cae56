import { at, build, type NdArray } from './array.ts';

/** Inference: statistics given. */
export function batchNormalization(
  x: NdArray,
  {
    scale,
    bias,
    mean,
    variance,
    epsilon,
  }: { scale: NdArray; bias: NdArray; mean: NdArray; variance: NdArray; epsilon: number },
): NdArray {
  return build(x.shape, (index) => {
    const c = index[1];
    const centred = at(x, index) - mean.data[c];
    return (centred / Math.sqrt(variance.data[c] + epsilon)) * scale.data[c] + bias.data[c];
  });
}

/** y = x·(k + alpha/size · Σ x²)^(−beta) over a window of channels. */
export function localResponse(
  x: NdArray,
  { size, alpha, beta, k }: { size: number; alpha: number; beta: number; k: number },
): NdArray {
  return build(x.shape, ([n, c, ...place]) => {
    let sum = 0;
    for (let i = c - Math.floor((size - 1) / 2); i <= c + Math.ceil((size - 1) / 2); i++) {
      if (i >= 0 && i < x.shape[1]) sum += at(x, [n, i, ...place]) ** 2;
    }
    return at(x, [n, c, ...place]) * (k + (alpha / size) * sum) ** -beta;
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
