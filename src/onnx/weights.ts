import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { type NumberArray, viewAs } from '../common/bytes.ts';
import { fail } from '../common/error.ts';
import { fromBfloat16, fromFloat16 } from '../common/half.ts';
import type { PackedFields } from '../common/protobuf.ts';
import { quoted } from '../common/quoted.ts';
import { type FilePlace, storedTensor } from '../graph/stored.ts';
import type { DataTypes, Tensor } from '../graph/tensor.ts';
import { isNibble, nameOf, typeOf } from './element.ts';
import {
  TensorProto_DataType as Code,
  type TensorProto,
  TensorProto_DataLocation,
} from './generated/onnx_pb.ts';

/** A file that is read in places, so that what a model asks for can be held against its size first. */
export interface ExternalFile {
  /** In bytes. */
  readonly size: number;
  read(offset: number, length: number): Uint8Array;
  /** The same of a file that can still be read when all else is done: what is large may stay there. */
  readonly later?: ((offset: number, length: number) => LaterBytes) | undefined;
}

/** Bytes that are read when they are needed. Errors of `read`: the file is not what it was. */
export interface LaterBytes {
  readonly place: FilePlace;
  /** So many bytes, from one of these bytes on. */
  read(from: number, length: number): Uint8Array;
}

/** The bytes of a file that stands beside the model, or the file to read them of, by its relative path. */
export type ExternalData = (location: string) => Uint8Array | ExternalFile;

/** Smaller tensors are read at once. */
export const leastStored = 2 ** 16;

/** The bytes fields of onnx.proto that are lists of numbers in the format. */
export const onnxPackedFields: PackedFields = {
  'onnx.TensorProto.float_data': WireType.Bit32,
  'onnx.TensorProto.int32_data': WireType.Varint,
  'onnx.TensorProto.int64_data': WireType.Varint,
  'onnx.TensorProto.double_data': WireType.Bit64,
};

/**
 * Reads a tensor. Large float32 data stays in its file where that can be read later; other data is a view of the file's
 * bytes where they are aligned, else a copy; float16 and bfloat16 become float32. Errors: an element type that limn has no use for, data that does not fit the shape.
 */
export function readTensorProto(proto: TensorProto, where: string, external?: ExternalData): Tensor {
  const shape = proto.dims.map(Number);
  const count = shape.reduce((product, n) => product * n, 1);
  if (shape.some((n) => n < 0) || !Number.isSafeInteger(count))
    fail(where, `impossible shape [${proto.dims}]`);
  const code = proto.dataType as Code;
  const type =
    typeOf(code) ??
    fail(where, `elements of type ${nameOf(code)} are not supported`, 'convert the model to float32');
  const outside = proto.dataLocation === TensorProto_DataLocation.EXTERNAL;
  const width = (arrays[code] ?? Uint8Array).BYTES_PER_ELEMENT;
  const stored = isNibble(code) ? Math.ceil(count / 2) : count * width;
  const raw = outside ? externalBytes(proto, stored, where, external) : proto.rawData;
  if (!(raw instanceof Uint8Array)) {
    return storedTensor(shape, {
      place: raw.place,
      read: (from, count) => viewAs(Float32Array, raw.read(from * width, count * width)),
    });
  }
  const data = outside || raw.length > 0 ? fromRaw(code, raw, count) : fromNumbers(code, proto, count);
  if (typeof data === 'number') fail(where, `shape [${shape}] needs ${count} elements, the file has ${data}`);
  return { type, shape, data };
}

/** ONNX Runtime computes with what it maps as it lies there. */
const alignment = Float32Array.BYTES_PER_ELEMENT;

type Data = DataTypes[keyof DataTypes];

/** How a file's bytes are viewed; as they are where nothing is said. */
const arrays: Readonly<Partial<Record<Code, NumberArray<Data>>>> = {
  [Code.FLOAT]: Float32Array,
  [Code.DOUBLE]: Float64Array,
  [Code.INT32]: Int32Array,
  [Code.INT64]: BigInt64Array,
  [Code.INT8]: Int8Array,
  [Code.UINT16]: Uint16Array,
  [Code.INT16]: Int16Array,
  [Code.FLOAT16]: Uint16Array,
  [Code.BFLOAT16]: Uint16Array,
};

/** Typed data from little-endian bytes, or how many elements there are if not `count`. */
function fromRaw(code: Code, bytes: Uint8Array, count: number): Data | number {
  if (isNibble(code)) return fromNibbles(code, bytes, count);
  const kind = arrays[code] ?? Uint8Array;
  const elements = bytes.length / kind.BYTES_PER_ELEMENT;
  if (elements !== count) return elements;
  const data = viewAs(kind, bytes);
  if (code === Code.FLOAT16) return fromFloat16(data as Uint16Array);
  if (code === Code.BFLOAT16) return fromBfloat16(data as Uint16Array);
  return data;
}

/** Elements of four bits, the lower half of a byte first. */
function fromNibbles(code: Code, bytes: ArrayLike<number>, count: number): Data | number {
  if (bytes.length !== Math.ceil(count / 2)) return bytes.length * 2;
  const nibble = (i: number) => (bytes[i >> 1] >> (i % 2 === 0 ? 0 : 4)) & 15;
  return code === Code.INT4
    ? Int8Array.from({ length: count }, (_, i) => (nibble(i) << 28) >> 28)
    : Uint8Array.from({ length: count }, (_, i) => nibble(i));
}

/** Typed data from the fields of numbers, or how many elements there are if not `count`. */
function fromNumbers(code: Code, proto: TensorProto, count: number): Data | number {
  if (code === Code.FLOAT) return fromRaw(code, proto.floatData, count);
  if (code === Code.DOUBLE) return fromRaw(code, proto.doubleData, count);
  const bytes = code === Code.INT64 ? proto.int64Data : proto.int32Data;
  let elements = 0;
  for (const byte of bytes) if (byte < 128) elements++;
  const stored = isNibble(code) ? Math.ceil(count / 2) : count;
  if (elements !== stored) return elements;
  const reader = new BinaryReader(bytes);
  if (code === Code.INT64) return BigInt64Array.from({ length: count }, () => BigInt(reader.int64()));
  const numbers = Int32Array.from({ length: stored }, () => reader.int32());
  switch (code) {
    case Code.INT32:
      return numbers;
    case Code.FLOAT16:
      return fromFloat16(numbers);
    case Code.BFLOAT16:
      return fromBfloat16(numbers);
    case Code.INT8:
      return Int8Array.from(numbers);
    case Code.INT16:
      return Int16Array.from(numbers);
    case Code.UINT16:
      return Uint16Array.from(numbers);
    case Code.INT4:
    case Code.UINT4:
      return fromNibbles(code, numbers, count);
    default:
      return Uint8Array.from(numbers);
  }
}

/**
 * The bytes of a tensor of `wanted` bytes, or how to read them later: nothing is read before its place fits both the
 * shape and the file.
 */
function externalBytes(
  proto: TensorProto,
  wanted: number,
  where: string,
  external?: ExternalData,
): Uint8Array | LaterBytes {
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') || fail(where, 'its data is in another file that is not named');
  // A model must not make limn read files elsewhere on the user's disk.
  if (/^([/\\]|[a-z]:)|(^|[/\\])\.\.([/\\]|$)/i.test(location)) {
    fail(where, `its data is said to be in ${quoted(location)}, outside the model's folder`);
  }
  const file =
    external?.(location) ??
    fail(where, `its data is in another file, ${quoted(location)}`, 'keep that file beside the model');
  const size = file instanceof Uint8Array ? file.length : file.size;
  const bytesOf = (key: string, otherwise: number): number => {
    const text = entries.get(key);
    if (text === undefined) return otherwise;
    const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    return Number.isSafeInteger(value)
      ? value
      : fail(where, `its ${key} ${quoted(text)} is no number of bytes`);
  };
  const offset = bytesOf('offset', 0);
  const length = bytesOf('length', size - offset);
  if (length < 0 || offset + length > size) {
    fail(
      where,
      `bytes ${offset} to ${offset + Math.max(length, 0)} of ${quoted(location)} are asked for, it has ${size}`,
      'fetch that file again',
    );
  }
  if (length !== wanted) {
    fail(where, `its shape [${proto.dims}] needs ${wanted} bytes, it has ${length} in ${quoted(location)}`);
  }
  if (file instanceof Uint8Array) return new Uint8Array(file.buffer, file.byteOffset + offset, length);
  const isStorable = proto.dataType === Code.FLOAT && length >= leastStored && offset % alignment === 0;
  return (isStorable && file.later?.(offset, length)) || file.read(offset, length);
}
