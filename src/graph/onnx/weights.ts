import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { fail } from '../../common/error.ts';
import type { DataTypes, Tensor } from '../tensor.ts';
import { nameOf, typeOf } from './element.ts';
import {
  TensorProto_DataType as Code,
  type TensorProto,
  TensorProto_DataLocation,
} from './generated/onnx_pb.ts';
import { fromBfloat16, fromFloat16 } from './half.ts';

/** The bytes of a file that stands beside the model, by its relative path. */
export type ExternalData = (location: string) => Uint8Array;

/** The fields of a TensorProto that hold numbers where `raw_data` does not. */
const numberField: Readonly<Partial<Record<Code, number>>> = {
  [Code.FLOAT]: 4,
  [Code.INT32]: 5,
  [Code.UINT8]: 5,
  [Code.BOOL]: 5,
  [Code.FLOAT16]: 5,
  [Code.BFLOAT16]: 5,
  [Code.INT64]: 7,
  [Code.DOUBLE]: 10,
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

/** Typed data from little-endian bytes, or how many elements there are if not `count`. */
function fromRaw(code: Code, bytes: Uint8Array, count: number): Data | number {
  const width =
    code === Code.DOUBLE || code === Code.INT64 ? 8 : code === Code.FLOAT || code === Code.INT32 ? 4 : 0;
  const size = width || (code === Code.UINT8 || code === Code.BOOL ? 1 : 2);
  if (bytes.length !== count * size) return bytes.length / size;
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : bytes.slice();
  switch (code) {
    case Code.FLOAT:
      return new Float32Array(buffer, byteOffset, count);
    case Code.DOUBLE:
      return new Float64Array(buffer, byteOffset, count);
    case Code.INT32:
      return new Int32Array(buffer, byteOffset, count);
    case Code.INT64:
      return new BigInt64Array(buffer, byteOffset, count);
    case Code.FLOAT16:
      return fromFloat16(new Uint16Array(buffer, byteOffset, count));
    case Code.BFLOAT16:
      return fromBfloat16(new Uint16Array(buffer, byteOffset, count));
    default:
      return new Uint8Array(buffer, byteOffset, count);
  }
}

/** Typed data from the field of numbers, packed or not, or how many elements there are if not `count`. */
function fromNumbers(code: Code, proto: TensorProto, count: number): Data | number {
  const chunks = (proto.$unknown ?? [])
    .filter((field) => field.no === numberField[code])
    .map(({ wireType, data }) =>
      wireType === WireType.LengthDelimited ? new BinaryReader(data).bytes() : data,
    );
  const bytes = chunks.length === 1 ? chunks[0]! : join(chunks);
  if (code === Code.FLOAT || code === Code.DOUBLE) return fromRaw(code, bytes, count);
  let elements = 0;
  for (const byte of bytes) if (byte < 128) elements++;
  if (elements !== count) return elements;
  const reader = new BinaryReader(bytes);
  if (code === Code.INT64) return BigInt64Array.from({ length: count }, () => BigInt(reader.int64()));
  const numbers = Int32Array.from({ length: count }, () => reader.int32());
  if (code === Code.INT32) return numbers;
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

function join(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
