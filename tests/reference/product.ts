import { at, build, type NdArray } from './array.ts';
import { broadcasting } from './broadcasting.ts';

/** The product of two stacks of matrices; leading axes broadcast. */
export function matrixProduct(a: NdArray, b: NdArray): NdArray {
  const [rows, inner] = a.shape.slice(-2);
  const columns = b.shape.at(-1)!;
  const lead = (m: NdArray): NdArray => ({
    shape: m.shape.slice(0, -2),
    data: Float64Array.from({ length: m.data.length / (m.shape.at(-1)! * m.shape.at(-2)!) }, (_, i) => i),
  });
  // Which matrix of a and of b each matrix of the result is made of.
  const left = broadcasting([lead(a), lead(b)], ([i]) => i);
  const right = broadcasting([lead(a), lead(b)], ([, j]) => j);
  const y = build([left.data.length, rows, columns], ([m, r, c]) => {
    let sum = 0;
    for (let d = 0; d < inner; d++) {
      sum +=
        a.data[(left.data[m] * rows + r) * inner + d] * b.data[(right.data[m] * inner + d) * columns + c];
    }
    return sum;
  });
  return { shape: [...left.shape, rows, columns], data: y.data };
}

export const transposed = (a: NdArray): NdArray => build([a.shape[1], a.shape[0]], ([i, j]) => at(a, [j, i]));
