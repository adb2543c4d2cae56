import type { DataType, DataTypes } from './tensor.ts';

/** What makes the arrays that hold the elements of each type. */
export const typedArrays: {
  readonly [T in DataType]: (new (
    from: number | ArrayBuffer,
  ) => DataTypes[T]) & {
    readonly BYTES_PER_ELEMENT: number;
  };
} = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  bool: Uint8Array,
};
