import { at, build, count, type NdArray } from '../array.ts';

/** Parts of an array along an axis, cut at the given points. */
export function slices(x: NdArray, axis: number, points: readonly number[]): NdArray[] {
  const bounds = [0, ...points, x.shape[axis]];
  return bounds.slice(1).map((end, i) => {
    const start = bounds[i];
    return build(x.shape.with(axis, end - start), (index) => at(x, index.with(axis, index[axis] + start)));
  });
}

export function concat(xs: readonly NdArray[], axis: number): NdArray {
  const length = xs.reduce((sum, x) => sum + x.shape[axis], 0);
  return build(xs[0].shape.with(axis, length), (index) => {
    let place = index[axis];
    const from = xs.find((x) => {
      if (place < x.shape[axis]) return true;
      place -= x.shape[axis];
      return false;
    })!;
    return at(from, index.with(axis, place));
  });
}

/** Caffe's Reshape of the axes from `axis` on, `numAxes` of them: 0 copies, −1 takes what is left. */
export function reshaped(x: NdArray, dims: readonly number[], axis: number, numAxes: number): NdArray {
  const start = axis >= 0 ? axis : x.shape.length + axis + 1;
  const end = numAxes === -1 ? x.shape.length : start + numAxes;
  const shape = [
    ...x.shape.slice(0, start),
    ...dims.map((dim, i) => (dim === 0 ? x.shape[start + i] : dim)),
    ...x.shape.slice(end),
  ];
  const open = shape.indexOf(-1);
  if (open >= 0) shape[open] = count(x.shape) / -count(shape);
  return { shape, data: x.data };
}

/** Sum or mean of all elements from `axis` on, or the sum of their absolute values or squares. */
export function reduction(
  x: NdArray,
  axis: number,
  operation: 'SUM' | 'MEAN' | 'ASUM' | 'SUMSQ',
  coeff: number,
): NdArray {
  const term = (v: number) => (operation === 'ASUM' ? Math.abs(v) : operation === 'SUMSQ' ? v * v : v);
  const inner = count(x.shape.slice(axis));
  const shape = x.shape.slice(0, axis);
  const data = Float64Array.from({ length: count(shape) }, (_, i) => {
    const sum = x.data.subarray(i * inner, (i + 1) * inner).reduce((a, b) => a + term(b), 0);
    return (operation === 'MEAN' ? sum / inner : sum) * coeff;
  });
  return { shape, data };
}

/** y = x·Wᵀ + b, each image as one row. */
export function innerProduct(x: NdArray, w: NdArray, b: NdArray | undefined, transpose: boolean): NdArray {
  const inner = count(x.shape.slice(1));
  const outputs = w.shape[transpose ? 1 : 0];
  return build([x.shape[0], outputs], ([n, k]) => {
    let sum = b ? b.data[k] : 0;
    for (let d = 0; d < inner; d++) sum += x.data[n * inner + d] * at(w, transpose ? [d, k] : [k, d]);
    return sum;
  });
}

/** The axes from `axis` on, cut to the given sizes from the given starts on. */
export function cropped(
  x: NdArray,
  axis: number,
  starts: readonly number[],
  sizes: readonly number[],
): NdArray {
  const shape = [...x.shape.slice(0, axis), ...sizes];
  return build(shape, (index) =>
    at(
      x,
      index.map((place, i) => (i < axis ? place : place + starts[i - axis])),
    ),
  );
}

/** DeepLab's Interp to height × width: each pixel from the four around its place, corners upon corners. */
export function interpolated(x: NdArray, [height, width]: readonly number[]): NdArray {
  const [rows, columns] = x.shape.slice(2);
  const step = (from: number, to: number) => (to > 1 ? (from - 1) / (to - 1) : 0);
  return build([...x.shape.slice(0, 2), height, width], ([n, c, h, w]) => {
    const [y, z] = [h * step(rows, height), w * step(columns, width)];
    const [top, left] = [Math.floor(y), Math.floor(z)];
    const [below, right] = [top < rows - 1 ? top + 1 : top, left < columns - 1 ? left + 1 : left];
    const [down, across] = [y - top, z - left];
    return (
      (1 - down) * ((1 - across) * at(x, [n, c, top, left]) + across * at(x, [n, c, top, right])) +
      down * ((1 - across) * at(x, [n, c, below, left]) + across * at(x, [n, c, below, right]))
    );
  });
}
