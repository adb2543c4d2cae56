import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { type NumberArray, viewAs } from '../common/bytes.ts';
import { fail } from '../common/error.ts';
import type { PackedFields } from '../common/protobuf.ts';
import type { DataTypes, Tensor } from '../graph/tensor.ts';
import { nameOf, typeOf } from './element.ts';
import {
  TensorProto_DataType as Code,
  type TensorProto,
  TensorProto_DataLocation,
} from './generated/onnx_pb.ts';
import { fromBfloat16, fromFloat16 } from './half.ts';

/** The bytes of a file that stands beside the model, by its relative path. */
export type ExternalData = (location: string) => Uint8Array;

/** The bytes fields of onnx.proto that are lists of numbers in the format. */
export const packedFields: PackedFields = {
  'onnx.TensorProto.float_data': WireType.Bit32,
  'onnx.TensorProto.int32_data': WireType.Varint,
  'onnx.TensorProto.int64_data': WireType.Varint,
  'onnx.TensorProto.double_data': WireType.Bit64,
};

/**
 * Reads a tensor. Its data is a view of the file's bytes where they are aligned, else a copy; float16 and bfloat16
 * become float32. Errors: an element type that limn has no use for, data that does not fit the shape.
 */
export function readTensor(proto: TensorProto, where: string, external?: ExternalData): Tensor {
  const shape = proto.dims.map(Number);
  const count = shape.reduce((product, n) => product * n, 1);
  if (shape.some((n) => n < 0) || !Number.isSafeInteger(count)) fail(where, `impossible shape [${shape}]`);
  const code = proto.dataType as Code;
  const type =
    typeOf(code) ??
    fail(where, `elements of type ${nameOf(code)} are not supported`, 'convert the model to float32');
  const outside = proto.dataLocation === TensorProto_DataLocation.EXTERNAL;
  const raw = outside ? externalBytes(proto, where, external) : proto.rawData;
  const data = outside || raw.length > 0 ? fromRaw(code, raw, count) : fromNumbers(code, proto, count);
  if (typeof data === 'number') fail(where, `shape [${shape}] needs ${count} elements, the file has ${data}`);
  return { type, shape, data };
}

type Data = DataTypes[keyof DataTypes];

/** How a file's bytes are viewed; as they are where nothing is said. */
const arrays: Readonly<Partial<Record<Code, NumberArray<Data | Uint16Array | Int8Array>>>> = {
  [Code.FLOAT]: Float32Array,
  [Code.DOUBLE]: Float64Array,
  [Code.INT32]: Int32Array,
  [Code.INT64]: BigInt64Array,
  [Code.INT8]: Int8Array,
  [Code.FLOAT16]: Uint16Array,
  [Code.BFLOAT16]: Uint16Array,
};

/** Typed data from little-endian bytes, or how many elements there are if not `count`. */
function fromRaw(code: Code, bytes: Uint8Array, count: number): Data | number {
  const kind = arrays[code] ?? Uint8Array;
  const elements = bytes.length / kind.BYTES_PER_ELEMENT;
  if (elements !== count) return elements;
  const data = viewAs(kind, bytes);
  if (data instanceof Int8Array) return Int32Array.from(data);
  if (!(data instanceof Uint16Array)) return data;
  return code === Code.FLOAT16 ? fromFloat16(data) : fromBfloat16(data);
}

/** Typed data from the fields of numbers, or how many elements there are if not `count`. */
function fromNumbers(code: Code, proto: TensorProto, count: number): Data | number {
  if (code === Code.FLOAT) return fromRaw(code, proto.floatData, count);
  if (code === Code.DOUBLE) return fromRaw(code, proto.doubleData, count);
  const bytes = code === Code.INT64 ? proto.int64Data : proto.int32Data;
  let elements = 0;
  for (const byte of bytes) if (byte < 128) elements++;
  if (elements !== count) return elements;
  const reader = new BinaryReader(bytes);
  if (code === Code.INT64) return BigInt64Array.from({ length: count }, () => BigInt(reader.int64()));
  const numbers = Int32Array.from({ length: count }, () => reader.int32());
  if (code === Code.INT32 || code === Code.INT8) return numbers;
  if (code === Code.FLOAT16) return fromFloat16(numbers);
  if (code === Code.BFLOAT16) return fromBfloat16(numbers);
  return Uint8Array.from(numbers);
}

function externalBytes(proto: TensorProto, where: string, external?: ExternalData): Uint8Array {
  const entries = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const location = entries.get('location') || fail(where, 'its data is in another file that is not named');
  // A model must not make limn read files elsewhere on the user's disk.
  if (/^([/\\]|[a-z]:)|(^|[/\\])\.\.([/\\]|$)/i.test(location)) {
    fail(where, `its data is said to be in '${location}', outside the model's folder`);
  }
  const bytes =
    external?.(location) ??
    fail(where, `its data is in another file, '${location}'`, 'keep that file beside the model');
  const offset = Number(entries.get('offset') ?? 0);
  const length = Number(entries.get('length') ?? bytes.length - offset);
  if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length)) {
    fail(
      where,
      `bytes ${offset} to ${offset + length} of '${location}' are asked for, it has ${bytes.length}`,
    );
  }
  return new Uint8Array(bytes.buffer, bytes.byteOffset + offset, length);
}
