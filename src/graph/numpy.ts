import { float16 } from '../common/half.ts';
import { type DataType, size, type Tensor } from './tensor.ts';
import { typedArrays } from './typedarrays.ts';

/** How NumPy stores the elements of an array. */
export interface NumpyElements {
  /** What a tensor holds them as. */
  readonly type: DataType;
  /** Bytes of each. */
  readonly bytes: number;
  readonly little: boolean;
  readonly read: (view: DataView, offset: number, little: boolean) => number | bigint;
}

// What NumPy can store and limn can hold; types that no tensor has are widened to the next that loses nothing.
const formats: Readonly<Record<string, Omit<NumpyElements, 'little'>>> = {
  f2: { type: 'float32', bytes: 2, read: (v, o, little) => float16(v.getUint16(o, little)) },
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

/** Whether typed arrays of this machine have their least byte first. */
export const littleEndianHost = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

/** The elements that NumPy calls so: `<f4`, `>i8`, `|b1`, of this machine's byte order `f4` and `=f4`; undefined for what no tensor holds. */
export function numpyElements(descr: string): NumpyElements | undefined {
  const [, order, code = ''] = /^([<>|=]?)([a-z]\d+)$/.exec(descr) ?? [];
  if (!Object.hasOwn(formats, code)) return undefined;
  return { ...formats[code], little: order === '<' || (order !== '>' && littleEndianHost) };
}

/**
 * The elements of an array of this shape from its bytes, of which there are enough behind `start`, in row-major order; in NumPy's
 * Fortran order the first axis runs fastest. float16 becomes float32; int8, int16 and uint16 become int32; uint32 becomes int64.
 */
export function numpyData(
  bytes: Uint8Array,
  start: number,
  shape: readonly number[],
  { type, bytes: width, little, read, fortranOrder }: NumpyElements & { readonly fortranOrder: boolean },
): Tensor['data'] {
  const count = size(shape);
  const array = typedArrays[type];
  // The common case, in one copy: the bytes are already what a typed array holds.
  const sameBytes = array.BYTES_PER_ELEMENT === width && (little === littleEndianHost || width === 1);
  if (sameBytes && !fortranOrder && type !== 'bool') {
    // `bytes` may be a Node Buffer, whose slice() would not copy.
    return new array(new Uint8Array(bytes.subarray(start, start + count * width)).buffer);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset + start, count * width);
  const out = new array(count);
  if (fortranOrder)
    eachOfColumns(shape, (to, from) => {
      out[to] = read(view, from * width, little);
    });
  else for (let i = 0; i < count; i++) out[i] = read(view, i * width, little);
  return out;
}

/** Where each element of a tensor, in row-major order, stands in an array whose first axis runs fastest. */
export function eachOfColumns(shape: readonly number[], visit: (to: number, from: number) => void): void {
  const count = size(shape);
  // The indices go on like an odometer, the place in the array beside them.
  const strides = shape.map((_, axis) => size(shape.slice(0, axis)));
  const index = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let to = 0; to < count; to++) {
    visit(to, from);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}
