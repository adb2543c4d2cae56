/** A float64 array in row-major order: what the slow references compute with. */
export interface NdArray {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const count = (shape: readonly number[]): number => shape.reduce((p, n) => p * n, 1);

/** All indices of a shape, in row-major order. */
export function indices(shape: readonly number[]): number[][] {
  return shape.reduce<number[][]>(
    (outer, n) => outer.flatMap((index) => Array.from({ length: n }, (_, i) => [...index, i])),
    [[]],
  );
}

/** An array whose every element is computed from its index. */
export function build(shape: readonly number[], element: (index: number[]) => number): NdArray {
  return { shape, data: Float64Array.from(indices(shape), (index) => element(index)) };
}

/** The place of an index in row-major order; an index outside the shape is a mistake of the reference. */
export function offset(shape: readonly number[], index: readonly number[]): number {
  let place = 0;
  for (let i = 0; i < shape.length; i++) {
    if (!(index[i] >= 0 && index[i] < shape[i])) throw new Error(`index [${index}] outside [${shape}]`);
    place = place * shape[i] + index[i];
  }
  return place;
}

export const at = (a: NdArray, index: readonly number[]): number => a.data[offset(a.shape, index)];

/** The element, or `otherwise` outside the array. */
export function atOr(a: NdArray, index: readonly number[], otherwise: number): number {
  return index.every((n, i) => n >= 0 && n < a.shape[i]) ? at(a, index) : otherwise;
}

export const map = (a: NdArray, f: (value: number) => number): NdArray => ({
  shape: a.shape,
  data: a.data.map(f),
});
