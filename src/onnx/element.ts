import type { DataType } from '../graph/tensor.ts';
import { TensorProto_DataType as Code } from './generated/onnx_pb.ts';

const types: Readonly<Partial<Record<Code, DataType>>> = {
  [Code.FLOAT]: 'float32',
  [Code.DOUBLE]: 'float64',
  [Code.INT32]: 'int32',
  [Code.INT64]: 'int64',
  [Code.UINT8]: 'uint8',
  [Code.BOOL]: 'bool',
  [Code.INT8]: 'int8',
  [Code.UINT16]: 'uint16',
  [Code.INT16]: 'int16',
  // Two to a byte in a file.
  [Code.INT4]: 'int8',
  [Code.UINT4]: 'uint8',
  // Half precision is a way to store and to compute fast; limn computes in float32, which holds every such number.
  [Code.FLOAT16]: 'float32',
  [Code.BFLOAT16]: 'float32',
};

const codes: Readonly<Record<DataType, Code>> = {
  float32: Code.FLOAT,
  float64: Code.DOUBLE,
  int32: Code.INT32,
  int64: Code.INT64,
  uint8: Code.UINT8,
  int8: Code.INT8,
  uint16: Code.UINT16,
  int16: Code.INT16,
  bool: Code.BOOL,
};

/** The type that limn holds elements of an ONNX type in; undefined if it cannot. */
export const typeOf = (code: number): DataType | undefined => types[code as Code];

/** ONNX's number of a type. */
export const codeOf = (type: DataType): number => codes[type];

/** ONNX's name of an element type, for messages. */
export const nameOf = (code: number): string => Code[code]?.toLowerCase() ?? `number ${code}`;

/** Whether a file has two elements in a byte. */
export const isNibble = (code: number): boolean => code === Code.INT4 || code === Code.UINT4;

/** Whether elements are 16-bit floats, which become float32. */
export const isHalf = (code: number): boolean => code === Code.FLOAT16 || code === Code.BFLOAT16;
