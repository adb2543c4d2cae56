import fc from 'fast-check';
import { zipSync, zlibSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { float32, type Tensor } from '../../src/graph/index.ts';
import { isMat, readMat, readNpz, writeNpy } from '../../src/image/index.ts';

/* MAT-files as the format's description has them, written slowly: numbers one by one, the first index fastest. */

interface Stored {
  readonly name: string;
  readonly shape: readonly number[];
  /** By row-major position. */
  readonly values: readonly number[];
  /** The number of the type, and of the class that it stands for. */
  readonly type: number;
  readonly kind: number;
}

const bytesOf: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 4, 7: 4, 9: 8 };

function put(view: DataView, type: number, at: number, value: number, little: boolean): void {
  if (type === 1) view.setInt8(at, value);
  else if (type === 2) view.setUint8(at, value);
  else if (type === 3) view.setInt16(at, value, little);
  else if (type === 4) view.setUint16(at, value, little);
  else if (type === 5) view.setInt32(at, value, little);
  else if (type === 6) view.setUint32(at, value, little);
  else if (type === 7) view.setFloat32(at, value, little);
  else view.setFloat64(at, value, little);
}

/** An element; small ones as MATLAB writes them, if `packed`. */
function element(type: number, values: readonly number[], little: boolean, packed: boolean): Uint8Array {
  const size = values.length * bytesOf[type];
  const isSmall = packed && size > 0 && size <= 4;
  const start = isSmall ? 4 : 8;
  const bytes = new Uint8Array(isSmall ? 8 : Math.ceil((8 + size) / 8) * 8);
  const view = new DataView(bytes.buffer);
  if (isSmall) view.setUint32(0, (size << 16) | type, little);
  else {
    view.setUint32(0, type, little);
    view.setUint32(4, size, little);
  }
  for (const [i, value] of values.entries()) put(view, type, start + i * bytesOf[type], value, little);
  return bytes;
}

const joined = (parts: readonly Uint8Array[]): Uint8Array => {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
};

function columnMajor(shape: readonly number[], values: readonly number[]): number[] {
  if (shape.length === 0) return [...values];
  const out: number[] = [];
  const visit = (axis: number, offset: number, stride: readonly number[]) => {
    if (axis < 0) out.push(values[offset]);
    else for (let i = 0; i < shape[axis]; i++) visit(axis - 1, offset + i * stride[axis], stride);
  };
  const stride = shape.map((_, i) => shape.slice(i + 1).reduce((product, n) => product * n, 1));
  visit(shape.length - 1, 0, stride);
  return out;
}

const codes = (text: string): number[] => [...text].map((each) => each.charCodeAt(0));

function wrapped(type: number, content: Uint8Array, little: boolean): Uint8Array {
  const tag = new Uint8Array(8);
  const view = new DataView(tag.buffer);
  view.setUint32(0, type, little);
  view.setUint32(4, content.length, little);
  return joined([tag, content]);
}

function matFile(arrays: readonly Stored[], { little = true, packed = true, zip = false } = {}): Uint8Array {
  const header = new Uint8Array(128).fill(32);
  const view = new DataView(header.buffer);
  view.setUint16(124, 0x0100, little);
  view.setUint16(126, 0x4d49, little);
  const elements = arrays.map(({ name, shape, values, type, kind }) => {
    const content = joined([
      element(6, [kind, 0], little, false),
      element(5, shape, little, packed),
      element(1, codes(name), little, packed),
      element(type, columnMajor(shape, values), little, packed),
    ]);
    const matrix = wrapped(14, content, little);
    return zip ? wrapped(15, zlibSync(matrix), little) : matrix;
  });
  return joined([header, ...elements]);
}

const kinds = [
  { type: 9, kind: 6, least: -1000, most: 1000 },
  { type: 7, kind: 7, least: -1000, most: 1000 },
  // MATLAB stores doubles that are whole in fewer bytes.
  { type: 2, kind: 6, least: 0, most: 255 },
  { type: 3, kind: 10, least: -32768, most: 32767 },
  { type: 5, kind: 12, least: -70000, most: 70000 },
] as const;

const stored = fc
  .record({
    of: fc.constantFrom(...kinds),
    shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }),
    name: fc.stringMatching(/^[a-z]{1,9}$/),
    seed: fc.integer(),
  })
  .map(({ of: { type, kind, least, most }, shape, name, seed }): Stored => {
    const n = shape.reduce((product, dim) => product * dim, 1);
    const span = most - least + 1;
    const values = Array.from({ length: n }, (_, i) => least + (Math.abs(seed + i * 7919) % span));
    return { name, shape, values, type, kind };
  });

describe('a MAT-file', () => {
  it('gives its arrays in row-major order, whatever they are stored as', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(stored, { minLength: 1, maxLength: 3, selector: ({ name }) => name }),
        fc.record({ little: fc.boolean(), packed: fc.boolean(), zip: fc.boolean() }),
        (arrays, how) => {
          const bytes = matFile(arrays, how);
          expect(isMat(bytes)).toBe(true);
          const found = readMat(bytes, 'x.mat');
          expect([...found.keys()]).toEqual(arrays.map(({ name }) => name));
          for (const { name, shape, values } of arrays) {
            expect(found.get(name)!.shape).toEqual(shape);
            expect([...found.get(name)!.data]).toEqual(values);
          }
        },
      ),
    );
  });

  it('is refused where it is damaged or another one, and never read beyond its end', () => {
    const whole = matFile([{ name: 'R', shape: [3, 4], values: Array(12).fill(1), type: 9, kind: 6 }]);
    for (let size = 0; size < whole.length; size++)
      expect(() => readMat(whole.subarray(0, size), 'x.mat')).toThrow(/^x\.mat/);
    fc.assert(
      fc.property(
        fc.integer({ min: 128, max: whole.length - 1 }),
        fc.integer({ min: 0, max: 255 }),
        (at, byte) => {
          const damaged = Uint8Array.from(whole);
          damaged[at] = byte;
          try {
            readMat(damaged, 'x.mat');
          } catch (error) {
            expect((error as Error).name).toBe('LimnError');
          }
        },
      ),
    );
    const hdf = new Uint8Array(512);
    hdf.set(codes('MATLAB 7.3 MAT-file'));
    expect(() => readMat(hdf, 'x.mat')).toThrow('a MAT-file of version 7.3; save it with -v7');
  });

  it('is refused where what is compressed ends early', () => {
    const array = { name: 'R', shape: [30, 40], values: Array(1200).fill(1), type: 9, kind: 6 };
    const whole = matFile([array], { zip: true });
    for (const cut of [1, 5, 9]) {
      const content = whole.subarray(128 + 8, whole.length - cut);
      expect(() => readMat(joined([whole.subarray(0, 128), wrapped(15, content, true)]), 'x.mat')).toThrow(
        /^x\.mat.*(cannot be decompressed|ends in the middle)/,
      );
    }
  });
});

describe('an archive of arrays', () => {
  const maps: Readonly<Record<string, Tensor<'float32'>>> = {
    cat: float32(
      [1, 3, 2, 2],
      Float32Array.from({ length: 12 }, (_, i) => i - 5),
    ),
    dog: float32([2, 2], Float32Array.of(1, -2, 3, -4)),
  };

  it.each([0, 6] as const)('gives them by name, compressed %i', (level) => {
    const files = Object.fromEntries(Object.entries(maps).map(([key, map]) => [`${key}.npy`, writeNpy(map)]));
    const found = readNpz(zipSync({ ...files, 'note.txt': new Uint8Array(3) }, { level }), 'x.npz');
    expect([...found].map(([key, { shape, data }]) => [key, shape, [...data]])).toEqual(
      Object.entries(maps).map(([key, { shape, data }]) => [key, shape, [...data]]),
    );
  });

  it('is refused where it is none, damaged, or without arrays', () => {
    expect(() => readNpz(new Uint8Array(40), 'x.npz')).toThrow(/^x\.npz: no archive/);
    expect(() => readNpz(zipSync({ 'a.txt': new Uint8Array(3) }), 'x.npz')).toThrow('x.npz: no arrays in it');
    expect(() => readNpz(zipSync({ 'a.npy': new Uint8Array(9) }), 'x.npz')).toThrow(/x\.npz: a/);
  });
});
