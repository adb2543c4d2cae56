import { fail } from '../../common/error.ts';
import type { RandomAccess } from '../../common/files.ts';
import { type DataType, size, type Tensor, tensor } from '../../graph/tensor.ts';
import { type NpyHeader, parseNpyHeader } from './header.ts';

interface Format {
  readonly type: DataType;
  readonly bytes: number;
  read(view: DataView, offset: number, little: boolean): number | bigint;
}

// What NumPy can store and limn can hold; types that no tensor has are widened to the next that loses nothing.
const formats: Readonly<Record<string, Format>> = {
  f2: { type: 'float32', bytes: 2, read: (v, o, little) => halfToNumber(v.getUint16(o, little)) },
  f4: { type: 'float32', bytes: 4, read: (v, o, little) => v.getFloat32(o, little) },
  f8: { type: 'float64', bytes: 8, read: (v, o, little) => v.getFloat64(o, little) },
  i1: { type: 'int32', bytes: 1, read: (v, o) => v.getInt8(o) },
  i2: { type: 'int32', bytes: 2, read: (v, o, little) => v.getInt16(o, little) },
  i4: { type: 'int32', bytes: 4, read: (v, o, little) => v.getInt32(o, little) },
  i8: { type: 'int64', bytes: 8, read: (v, o, little) => v.getBigInt64(o, little) },
  u1: { type: 'uint8', bytes: 1, read: (v, o) => v.getUint8(o) },
  u2: { type: 'int32', bytes: 2, read: (v, o, little) => v.getUint16(o, little) },
  u4: { type: 'int64', bytes: 4, read: (v, o, little) => BigInt(v.getUint32(o, little)) },
  b1: { type: 'bool', bytes: 1, read: (v, o) => (v.getUint8(o) ? 1 : 0) },
};

const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  bool: Uint8Array,
} as const;

const descriptors: Readonly<Record<DataType, string>> = {
  float32: '<f4',
  float64: '<f8',
  int32: '<i4',
  int64: '<i8',
  uint8: '|u1',
  int8: '|i1',
  uint16: '<u2',
  int16: '<i2',
  bool: '|b1',
};

const littleEndianHost = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/**
 * A NumPy array file (format versions 1 to 3, either byte order, C or Fortran order) as a tensor in row-major
 * order. float16 becomes float32; int8, int16 and uint16 become int32; uint32 becomes int64.
 * Errors name `name` and the byte offset.
 */
export function readNpy(bytes: Uint8Array, name: string): Tensor {
  const layout = layoutOf(bytes, bytes.length, name);
  const { shape, dataStart, format } = layout;
  return tensor(format.type, shape, decode(bytes, dataStart, shape, layout));
}

/** A NumPy array file that is read in parts, along its first axis. */
export interface NpyFile {
  readonly shape: readonly number[];
  /** The items from one number up to another, which is not read. */
  items(from: number, to: number): Promise<Tensor>;
}

/** The longest header that NumPy reads unasked, with what stands before it. */
const HEADER = 10_000 + 12;

/** Opens a file as {@link readNpy} reads it. Errors: as there. One in Fortran's order is read as a whole. */
export async function openNpy(file: RandomAccess, name: string): Promise<NpyFile> {
  const layout = layoutOf(await file.read(0, Math.min(file.size, HEADER)), file.size, name);
  const { shape, dataStart, format, fortranOrder } = layout;
  const each = size(shape.slice(1));
  let whole: Promise<Tensor> | undefined;
  return {
    shape,
    async items(from, to) {
      const own = [to - from, ...shape.slice(1)];
      if (fortranOrder) {
        whole ??= file.read(0, file.size).then((bytes) => readNpy(bytes, name));
        const { type, data } = await whole;
        return tensor(type, own, data.slice(from * each, to * each));
      }
      const start = dataStart + from * each * format.bytes;
      const bytes = await file.read(start, size(own) * format.bytes);
      return tensor(format.type, own, decode(bytes, 0, own, layout));
    },
  };
}

/** How an array stands in its file. */
interface Layout extends NpyHeader {
  readonly format: Format;
  readonly little: boolean;
}

/** Reads the layout of a file of `length` bytes from its first. Errors: elements that no tensor has; another length. */
function layoutOf(bytes: Uint8Array, length: number, name: string): Layout {
  const header = parseNpyHeader(bytes, name);
  const { shape, dataStart } = header;
  const match = /^([<>|=]?)([a-z])(\d+)$/.exec(header.descr);
  const format = match ? formats[`${match[2]}${match[3]}`] : undefined;
  if (!match || !format) {
    return fail(
      `${name}: byte ${header.descrStart}`,
      `unsupported element type ${JSON.stringify(header.descr)}`,
      'save the array as float32',
    );
  }
  const little = match[1] === '>' ? false : match[1] === '<' ? true : littleEndianHost;
  const expected = size(shape) * format.bytes;
  const actual = length - dataStart;
  if (!Number.isSafeInteger(expected) || actual < expected) {
    fail(
      `${name}: byte ${length}`,
      `truncated: shape (${shape.join(', ')}) of ${header.descr} needs ${expected} bytes of data, got ${actual}`,
    );
  }
  if (actual > expected) {
    fail(
      `${name}: byte ${dataStart + expected}`,
      `${actual - expected} bytes after the end of the data`,
      'give a file of one array',
    );
  }
  return { ...header, format, little };
}

function decode(
  bytes: Uint8Array,
  start: number,
  shape: readonly number[],
  { format, little, fortranOrder }: Layout,
): Tensor['data'] {
  const count = size(shape);
  const array = arrays[format.type];
  // The common case, in one copy: the bytes are already what a typed array holds.
  const sameBytes =
    array.BYTES_PER_ELEMENT === format.bytes && (little === littleEndianHost || format.bytes === 1);
  if (sameBytes && !fortranOrder && format.type !== 'bool') {
    // `bytes` may be a Node Buffer, whose slice() would not copy.
    return new array(new Uint8Array(bytes.subarray(start, start + count * format.bytes)).buffer);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, count * format.bytes);
  const out = new array(count);
  if (!fortranOrder) {
    for (let i = 0; i < count; i++) out[i] = format.read(view, i * format.bytes, little);
    return out;
  }
  // Column-major on file: walk the row-major indices like an odometer and keep the file's offset beside it.
  const strides = shape.map((_, axis) => size(shape.slice(0, axis)));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let i = 0; i < count; i++) {
    out[i] = format.read(view, from * format.bytes, little);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return out;
}

/**
 * A tensor as a NumPy array file: format version 1.0, little endian, C order.
 *
 * @example
 * ```ts
 * import { readNpy, writeNpy } from 'limn';
 * import { float32 } from 'limn/graph';
 *
 * const bytes = writeNpy(float32([2], Float32Array.of(1, 2)));
 * console.log(readNpy(bytes, 'two.npy').data);
 * ```
 */
export function writeNpy(array: Tensor): Uint8Array<ArrayBuffer> {
  const shape = array.shape.length === 1 ? `${array.shape[0]},` : array.shape.join(', ');
  const dictionary = `{'descr': '${descriptors[array.type]}', 'fortran_order': False, 'shape': (${shape}), }`;
  // NumPy aligns the data to 64 bytes so that it can be mapped into memory.
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const header = `${dictionary.padEnd(length - 11)}\n`;
  const { BYTES_PER_ELEMENT: width } = array.data;
  const out = new Uint8Array(length + array.data.length * width);
  out.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, (length - 10) & 255, (length - 10) >> 8]);
  for (let i = 0; i < header.length; i++) out[10 + i] = header.charCodeAt(i);
  out.set(new Uint8Array(array.data.buffer, array.data.byteOffset, array.data.length * width), length);
  if (!littleEndianHost) {
    for (let i = length; i < out.length; i += width) out.subarray(i, i + width).reverse();
  }
  return out;
}

/** IEEE 754 binary16. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
