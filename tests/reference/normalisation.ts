import { at, build, indices, type NdArray } from './array.ts';

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

/**
 * (x − μ)/√(mean (x − μ)² + ε) over all elements that agree in `groupOf`: an element's index to the name of its group.
 * Without centring μ is 0.
 */
export function standardised(
  x: NdArray,
  groupOf: (index: readonly number[]) => string,
  epsilon: number,
  centred = true,
): NdArray {
  const groups = new Map<string, number[]>();
  for (const index of indices(x.shape)) {
    const group = groups.get(groupOf(index)) ?? [];
    group.push(at(x, index));
    groups.set(groupOf(index), group);
  }
  return build(x.shape, (index) => {
    const group = groups.get(groupOf(index))!;
    const mean = centred ? group.reduce((sum, value) => sum + value, 0) / group.length : 0;
    const square = group.reduce((sum, value) => sum + (value - mean) ** 2, 0) / group.length;
    return (at(x, index) - mean) / Math.sqrt(square + epsilon);
  });
}

/** x·scale + bias, one of each for every value of `of` an index. */
export const scaledBy = (
  x: NdArray,
  of: (index: readonly number[]) => readonly number[],
  scale: NdArray,
  bias?: NdArray,
): NdArray =>
  build(x.shape, (index) => at(x, index) * at(scale, of(index)) + (bias ? at(bias, of(index)) : 0));

/** x/‖x‖ along an axis, by the norm of order p. */
export function lpNormalised(x: NdArray, axis: number, p: number): NdArray {
  return build(x.shape, (index) => {
    let sum = 0;
    for (let i = 0; i < x.shape[axis]; i++) sum += Math.abs(at(x, index.with(axis, i))) ** p;
    return at(x, index) / sum ** (1 / p);
  });
}
