import { fail } from '../common/error.ts';

/** The array that holds the elements of each type. */
export interface DataTypes {
  float32: Float32Array;
  float64: Float64Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  int8: Int8Array;
  uint16: Uint16Array;
  int16: Int16Array;
  /** One byte per element, 0 or 1. */
  bool: Uint8Array;
}

/** The type of a tensor's elements. */
export type DataType = keyof DataTypes;

/** A dense array in row-major order. */
export interface Tensor<T extends DataType = DataType> {
  readonly type: T;
  readonly shape: readonly number[];
  readonly data: DataTypes[T];
}

/** The number of elements of a shape. */
export function size(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** A tensor of the given type; `data` must hold exactly as many elements as `shape` says. */
export function tensor<T extends DataType>(type: T, shape: readonly number[], data: DataTypes[T]): Tensor<T> {
  if (data.length !== size(shape)) {
    fail('tensor', `shape [${shape}] needs ${size(shape)} elements, got ${data.length}`);
  }
  return { type, shape, data };
}

/** A float32 tensor from numbers. */
export function float32(shape: readonly number[], data: ArrayLike<number>): Tensor<'float32'> {
  return tensor('float32', shape, data instanceof Float32Array ? data : Float32Array.from(data));
}

/** An int64 tensor from safe integers. */
export function int64(shape: readonly number[], data: readonly number[]): Tensor<'int64'> {
  return tensor('int64', shape, BigInt64Array.from(data, BigInt));
}

/** The float32 data of a tensor, or an error that names it. */
export function floats(t: Tensor, name: string): Float32Array {
  return t.type === 'float32'
    ? (t.data as Float32Array)
    : fail(name, `expected a float32 tensor, got ${t.type}`);
}

/** The elements of a small integer or float tensor as plain numbers. */
export function numbers(t: Tensor): number[] {
  return Array.from(t.data as ArrayLike<number | bigint>, Number);
}
