import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LimnError } from '../../src/common/error.ts';
import { float32, int64, numbers, type Tensor, tensor } from '../../src/graph/tensor.ts';
import { openNpy, readNpy, writeNpy } from '../../src/image/npy/npy.ts';
import numpy from './fixtures/numpy.json' with { type: 'json' };
import { mutated } from './pictures.ts';

const bytes = (base64: string): Uint8Array => new Uint8Array(Buffer.from(base64, 'base64'));
const text = (file: Uint8Array): string => Buffer.from(file).toString('latin1');

/** A file of version 1 with the given header text and data. */
function withHeader(header: string, data = new Uint8Array(0)): Uint8Array {
  const head = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8];
  return Uint8Array.from([...head, ...Buffer.from(header, 'latin1'), ...data]);
}

describe('reading', () => {
  test.each(numpy.files)('$descr, $order: as NumPy wrote it', ({ file, shape, values, descr }) => {
    const got = readNpy(bytes(file), 'a.npy');
    expect(got.shape).toEqual(shape);
    expect(numbers(got)).toEqual(values);
    const types = { f: 'float32', i: 'int32', u: 'uint8', b: 'bool' } as Record<string, string>;
    const wider = { f8: 'float64', i8: 'int64', u2: 'int32', u4: 'int64' } as Record<string, string>;
    expect(got.type).toBe(wider[descr.slice(1)] ?? types[descr[1]]);
  });

  test.each(numpy.files)(
    '$descr, $order: in parts, along its first axis',
    async ({ file, shape, values }) => {
      const all = bytes(file);
      const access = {
        size: all.length,
        read: async (offset: number, length: number) => all.slice(offset, offset + length),
      };
      const opened = await openNpy(access, 'a.npy');
      expect(opened.shape).toEqual(shape);
      const [count = 1] = shape;
      const each = values.length / count;
      for (let from = 0; from < Math.min(count, shape.length * count); from++) {
        const part = await opened.items(from, count);
        expect(part.shape).toEqual([count - from, ...shape.slice(1)]);
        expect(numbers(part)).toEqual(values.slice(from * each));
      }
      const cut = { ...access, size: all.length - 1 };
      await expect(openNpy(cut, 'a.npy')).rejects.toThrow('a.npy: byte');
    },
  );

  test('from a Buffer inside a larger one, at an odd offset', () => {
    const file = writeNpy(float32([2], [1.5, -2]));
    const outer = Buffer.concat([Buffer.alloc(3), Buffer.from(file), Buffer.alloc(5)]);
    expect(numbers(readNpy(outer.subarray(3, 3 + file.length), 'x'))).toEqual([1.5, -2]);
  });

  test.each([
    ['nothing', new Uint8Array(0), 'a.npy: an empty file, not an npy file'],
    [
      'another file',
      Uint8Array.from(Buffer.from('PK\x03\x04 a zip')),
      'a.npy: an archive (as PyTorch and Keras save), not an npy file',
    ],
    [
      'a new version',
      Uint8Array.from([0x93, 78, 85, 77, 80, 89, 4, 0]),
      'a.npy: byte 6: unknown npy format version 4',
    ],
    [
      'objects',
      withHeader("{'descr': '|O', 'fortran_order': False, 'shape': ()}"),
      'byte 20: unsupported element type "|O"',
    ],
    [
      'complex',
      withHeader("{'descr': '<c8', 'fortran_order': False, 'shape': ()}"),
      'unsupported element type "<c8"',
    ],
    [
      'a structure',
      withHeader("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': ()}"),
      'a structured element type',
    ],
    ['no shape', withHeader("{'descr': '<f4', 'fortran_order': False}"), 'the header has no shape'],
    [
      'a negative size',
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)}"),
      'expected a dimension',
    ],
    [
      'too little data',
      withHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}", new Uint8Array(20)),
      'truncated: shape (2, 3) of <f4 needs 24 bytes of data, got 20',
    ],
    [
      'a size beyond memory',
      withHeader("{'descr': '<f8', 'fortran_order': True, 'shape': (9007199254740991, 9007199254740991)}"),
      'truncated',
    ],
    [
      'too much data',
      withHeader("{'descr': '|u1', 'fortran_order': False, 'shape': (1,)}", new Uint8Array(3)),
      '2 bytes after the end of the data',
    ],
  ])('%s is an error that says where', (_, file, message) => {
    expect(() => readNpy(file, 'a.npy')).toThrow(LimnError);
    expect(() => readNpy(file, 'a.npy')).toThrow(message);
  });

  test('damaged files are read or refused, never anything else', () => {
    const file = fc.constantFrom(...numpy.files.map((f) => bytes(f.file)));
    fc.assert(
      fc.property(
        file.chain((f) => mutated(f)),
        (damaged) => {
          try {
            const got = readNpy(damaged, 'a.npy');
            expect(got.data.length).toBe(got.shape.reduce((a, b) => a * b, 1));
          } catch (error) {
            expect(error).toBeInstanceOf(LimnError);
            expect((error as LimnError).message).toMatch(
              /^a\.npy: (byte \d+: [^\n]+|[^\n]+, not an npy file; [^\n]+)$/,
            );
          }
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('writing', () => {
  test('the bytes are those of numpy.save', () => {
    const file = writeNpy(float32([2, 3], [0, 1, 2, 3, 4, 5]));
    const header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";
    expect(text(file.subarray(0, 128))).toBe(`\x93NUMPY\x01\x00v\x00${header.padEnd(117)}\n`);
    expect(file.length).toBe(128 + 24);
    expect(text(writeNpy(int64([3], [1, 2, 3])))).toContain(
      "'<i8', 'fortran_order': False, 'shape': (3,), }",
    );
  });

  test('what is written reads back, every type and shape', () => {
    const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
    const values = fc.array(fc.integer(), { minLength: 256, maxLength: 256 });
    const array: fc.Arbitrary<Tensor> = fc.tuple(shape, fc.nat(5), values).map(([s, kind, drawn]) => {
      const data = drawn.slice(
        0,
        s.reduce((a, b) => a * b, 1),
      );
      return [
        () =>
          tensor(
            'float32',
            s,
            Float32Array.from(data, (v) => v / 3),
          ),
        () =>
          tensor(
            'float64',
            s,
            Float64Array.from(data, (v) => v / 3),
          ),
        () => tensor('int32', s, Int32Array.from(data)),
        () =>
          tensor(
            'int64',
            s,
            BigInt64Array.from(data, (v) => BigInt(v) << 20n),
          ),
        () => tensor('uint8', s, Uint8Array.from(data)),
        () =>
          tensor(
            'bool',
            s,
            Uint8Array.from(data, (v) => v & 1),
          ),
      ][kind]();
    });
    fc.assert(
      fc.property(array, (a) => {
        expect(readNpy(writeNpy(a), 'x')).toEqual(a);
      }),
    );
  });
});
