import { fail } from '../../common/error.ts';
import { quoted } from '../../common/quoted.ts';
import { eachOfColumns } from '../../graph/numpy.ts';
import { size as elements, float32, type Tensor } from '../../graph/tensor.ts';
import { inflated } from './inflate.ts';

/* MATLAB's MAT-file of level 5, as "MAT-File Format" (The MathWorks) describes it: a header of 128 bytes, then elements. */

/** What an element holds, by its number. */
const types: Readonly<
  Record<number, { readonly bytes: number; read(view: DataView, at: number, little: boolean): number }>
> = {
  1: { bytes: 1, read: (view, at) => view.getInt8(at) },
  2: { bytes: 1, read: (view, at) => view.getUint8(at) },
  3: { bytes: 2, read: (view, at, little) => view.getInt16(at, little) },
  4: { bytes: 2, read: (view, at, little) => view.getUint16(at, little) },
  5: { bytes: 4, read: (view, at, little) => view.getInt32(at, little) },
  6: { bytes: 4, read: (view, at, little) => view.getUint32(at, little) },
  7: { bytes: 4, read: (view, at, little) => view.getFloat32(at, little) },
  9: { bytes: 8, read: (view, at, little) => view.getFloat64(at, little) },
  12: { bytes: 8, read: (view, at, little) => Number(view.getBigInt64(at, little)) },
  13: { bytes: 8, read: (view, at, little) => Number(view.getBigUint64(at, little)) },
};

const matrix = 14;
const compressed = 15;
/** Classes of arrays that hold numbers: double, single, integers; others are cells, structures, texts. */
const isNumeric = (kind: number): boolean => kind >= 6 && kind <= 15;

/** Whether bytes begin as a MAT-file of level 5. */
export const isMat = (bytes: Uint8Array): boolean =>
  bytes.length >= 128 && /^(IM|MI)$/.test(String.fromCharCode(bytes[126], bytes[127]));

/**
 * The arrays of real numbers in a MAT-file of level 5 (MATLAB's `-v6` and `-v7`, SciPy's `savemat`), by name and in row-major
 * order, as float32; what else is in it is passed over. Errors name `name`, and the byte: no such file, one of version 7.3 (HDF5),
 * a damaged one, one without such arrays.
 */
export function readMat(bytes: Uint8Array, name: string): Map<string, Tensor<'float32'>> {
  if (!isMat(bytes)) {
    const isHdf = String.fromCharCode(...bytes.subarray(0, 12)).startsWith('MATLAB 7.3');
    fail(name, isHdf ? 'a MAT-file of version 7.3' : 'no MAT-file of level 5', 'save it with -v7');
  }
  const little = bytes[126] === 73;
  const arrays = new Map<string, Tensor<'float32'>>();
  for (const { type, content } of elementsOf(bytes, 128, little, name)) {
    const inner =
      type === compressed
        ? elementsOf(inflated(content, name), 0, little, `${name}: a compressed array`)
        : [{ type, content }];
    for (const each of inner) {
      const array = each.type === matrix ? arrayOf(each.content, little, name) : undefined;
      if (array) arrays.set(array.name, array.values);
    }
  }
  if (arrays.size === 0) fail(name, 'no arrays of real numbers in it', 'save heatmaps as numeric arrays');
  return arrays;
}

interface Element {
  readonly type: number;
  readonly content: Uint8Array;
}

/** Elements one after the other. Errors: one that reaches beyond the end. */
function elementsOf(bytes: Uint8Array, from: number, little: boolean, name: string): Element[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found: Element[] = [];
  for (let at = from; at + 8 <= bytes.length; ) {
    const first = view.getUint32(at, little);
    // Small elements have their size in the upper half of the first word, and the content in the second.
    const small = first >>> 16;
    const length = small > 0 ? small : view.getUint32(at + 4, little);
    const start = small > 0 ? at + 4 : at + 8;
    if (start + length > bytes.length || small > 4)
      fail(
        `${name}: byte ${at}`,
        `an element of ${length} bytes reaches beyond the end`,
        'the file is damaged',
      );
    const type = small > 0 ? first & 0xffff : first;
    found.push({ type, content: bytes.subarray(start, start + length) });
    const end = small > 0 ? at + 8 : start + length;
    // Compressed ones are not padded.
    at = type === compressed ? end : Math.ceil((end - from) / 8) * 8 + from;
  }
  return found;
}

function arrayOf(
  content: Uint8Array,
  little: boolean,
  file: string,
): { readonly name: string; readonly values: Tensor<'float32'> } | undefined {
  const [flags, dimensions, label, real] = elementsOf(content, 0, little, file);
  if (!flags || !dimensions || !label || flags.content.length < 8) return undefined;
  const [flagWord] = numbers(flags, little, file);
  const isComplex = (flagWord & 0x0800) !== 0;
  if (!isNumeric(flagWord & 0xff) || isComplex || !real) return undefined;
  const name = new TextDecoder().decode(label.content);
  const shape = [...numbers(dimensions, little, file)];
  const values = numbers(real, little, file);
  if (shape.some((dim) => dim < 0) || elements(shape) !== values.length)
    fail(file, `array ${quoted(name)} has ${values.length} numbers for [${shape}]`, 'the file is damaged');
  return { name, values: float32(shape, rowMajor(values, shape)) };
}

function numbers({ type, content }: Element, little: boolean, file: string): Float64Array {
  const { bytes, read } = types[type] ?? fail(file, `an element of type ${type} where numbers are expected`);
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  return Float64Array.from({ length: Math.floor(content.length / bytes) }, (_, i) =>
    read(view, i * bytes, little),
  );
}

/** MATLAB's first index runs fastest. */
function rowMajor(values: Float64Array, shape: readonly number[]): Float32Array {
  const out = new Float32Array(values.length);
  eachOfColumns(shape, (to, from) => {
    out[to] = values[from];
  });
  return out;
}
