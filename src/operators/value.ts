import { type DataType, type Dim, size, type Tensor } from '../graph/index.ts';
import { typedArrays } from '../graph/typedarrays.ts';

/** An array whose elements are known: numbers, or in shapes and what follows from them dimensions. */
export interface Elements {
  readonly shape: readonly number[];
  readonly data: ArrayLike<Dim>;
}

/** A constant's elements as numbers. */
export function elementsOf({ shape, data }: Tensor): Elements {
  return { shape, data: data instanceof BigInt64Array ? Array.from(data, Number) : data };
}

/** Elements as a tensor, rounded to its type; undefined where some depend on dimensions that are not known. */
export function tensorOf(type: DataType, { shape, data }: Elements): Tensor | undefined {
  if (data instanceof typedArrays[type]) return { type, shape, data };
  const stored = new typedArrays[type](data.length);
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    if (typeof value !== 'number') return undefined;
    if (stored instanceof BigInt64Array) {
      if (!Number.isInteger(value)) return undefined;
      stored[i] = BigInt(value);
    } else stored[i] = value;
  }
  return { type, shape, data: stored };
}

/** The elements as numbers; undefined if one is not. */
export function numbersOf({ data }: Elements): readonly number[] | undefined {
  const numbers = Array.from(data, (value) => (typeof value === 'number' ? value : Number.NaN));
  return Array.from(data).every((value) => typeof value === 'number') ? numbers : undefined;
}

/** An element-wise function of one known array; undefined where `of` is for an element. */
export function map({ shape, data }: Elements, of: (x: Dim) => Dim | undefined): Elements | undefined {
  const mapped: Dim[] = [];
  for (let i = 0; i < data.length; i++) {
    const value = of(data[i]);
    if (value === undefined) return undefined;
    mapped.push(value);
  }
  return { shape, data: mapped };
}

/** A function of numbers on one known array; undefined where an element is no number. */
export const mapNumbers = (x: Elements, of: (x: number) => number): Elements | undefined =>
  map(x, (value) => (typeof value === 'number' ? of(value) : undefined));

/** An element-wise function of two known arrays that broadcast; undefined where `of` is for some elements. */
export function zip(a: Elements, b: Elements, of: (x: Dim, y: Dim) => Dim | undefined): Elements | undefined {
  const shape = broadcastShape(a.shape, b.shape);
  const count = size(shape);
  // Most are of the shape itself: their elements stand where they are.
  const [left, right] = [a, b].map((x) => (x.data.length === count ? undefined : places(x.shape, shape)));
  const data: Dim[] = [];
  for (let i = 0; i < count; i++) {
    const value = of(a.data[left ? left[i] : i], b.data[right ? right[i] : i]);
    if (value === undefined) return undefined;
    data.push(value);
  }
  return { shape, data };
}

function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [m, n] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    return m === 1 ? n : m;
  });
}

/** For every element of a shape, in row-major order, the index of the one that an array of `from` broadcasts to it. */
export function places(from: readonly number[], to: readonly number[]): Int32Array {
  const strides = stridesOf(from);
  const steps = to.map((_, axis) => {
    const own = axis - to.length + from.length;
    return own < 0 || from[own] === 1 ? 0 : strides[own];
  });
  return walk(to, steps, 0);
}

/** The distance between neighbours along each axis. */
export function stridesOf(shape: readonly number[]): number[] {
  const strides = shape.map(() => 1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

/** The indices `start` + Σ steps·position of all positions of a shape, in row-major order. */
export function walk(shape: readonly number[], steps: readonly number[], start: number): Int32Array {
  const indices = new Int32Array(size(shape));
  const position = shape.map(() => 0);
  let at = start;
  for (let i = 0; i < indices.length; i++) {
    indices[i] = at;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += steps[axis];
      if (++position[axis] < shape[axis]) break;
      at -= steps[axis] * shape[axis];
      position[axis] = 0;
    }
  }
  return indices;
}

/** The elements at some indices, in a shape. */
export function take({ data }: Elements, shape: readonly number[], indices: ArrayLike<number>): Elements {
  // Kernels that are made of few numbers have very many.
  if (data instanceof Float32Array) {
    const taken = new Float32Array(indices.length);
    for (let i = 0; i < taken.length; i++) taken[i] = data[indices[i]];
    return { shape, data: taken };
  }
  return { shape, data: Array.from(indices, (i) => data[i]) };
}

/** The outputs of an operation that has one. */
export const one = (output: Elements | undefined): readonly Elements[] | undefined => output && [output];
