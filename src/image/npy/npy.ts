import { fail } from '../../common/error.ts';
import type { RandomAccess } from '../../common/files.ts';
import { littleEndianHost, type NumpyElements, numpyData, numpyElements } from '../../graph/numpy.ts';
import { type DataType, size, type Tensor, tensor } from '../../graph/tensor.ts';
import { type NpyHeader, parseNpyHeader } from './header.ts';

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

/**
 * A NumPy array file (format versions 1 to 3, either byte order, C or Fortran order) as a tensor in row-major
 * order. float16 becomes float32; int8, int16 and uint16 become int32; uint32 becomes int64.
 * Errors name `name` and the byte offset.
 */
export function readNpy(bytes: Uint8Array, name: string): Tensor {
  const layout = layoutOf(bytes, bytes.length, name);
  const { type, shape, dataStart } = layout;
  return tensor(type, shape, numpyData(bytes, dataStart, shape, layout));
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
  const { shape, dataStart, fortranOrder } = layout;
  const each = size(shape.slice(1));
  let whole: Promise<Tensor> | undefined;
  return {
    shape,
    async items(from, to) {
      const own = [to - from, ...shape.slice(1)];
      if (fortranOrder) {
        whole ??= file.read(0, file.size).then((bytes) => readNpy(bytes, name));
        const { data } = await whole;
        return tensor(layout.type, own, data.slice(from * each, to * each));
      }
      const start = dataStart + from * each * layout.bytes;
      const bytes = await file.read(start, size(own) * layout.bytes);
      return tensor(layout.type, own, numpyData(bytes, 0, own, layout));
    },
  };
}

/** How an array stands in its file. */
type Layout = NpyHeader & NumpyElements;

/** Reads the layout of a file of `length` bytes from its first. Errors: elements that no tensor has; another length. */
function layoutOf(bytes: Uint8Array, length: number, name: string): Layout {
  const header = parseNpyHeader(bytes, name);
  const { shape, dataStart } = header;
  const elements = numpyElements(header.descr);
  if (!elements) {
    return fail(
      `${name}: byte ${header.descrStart}`,
      `unsupported element type ${JSON.stringify(header.descr)}`,
      'save the array as float32',
    );
  }
  const expected = size(shape) * elements.bytes;
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
  return { ...header, ...elements };
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
