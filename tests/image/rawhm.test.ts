import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LimnError } from '../../src/common/error.ts';
import { float32 } from '../../src/graph/tensor.ts';
import { formatGeneral, readRawHeatmap, writeRawHeatmap } from '../../src/image/npy/rawhm.ts';
import general from './fixtures/general.json' with { type: 'json' };

test.each(general.cases as [string, string][])('%s is printed as C prints it: %s', (value, printed) => {
  expect(formatGeneral(Number(value))).toBe(printed);
});

test('what is not finite is printed as C prints it', () => {
  expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map(formatGeneral)).toEqual([
    'nan',
    'inf',
    '-inf',
  ]);
});

describe('the text heatmap', () => {
  const blueGreenRed = float32([1, 3, 1, 2], [1, 2, 3, 4, 5, 6]);

  test('red comes first whatever the order in the tensor', () => {
    expect(writeRawHeatmap(blueGreenRed)).toBe('3\n1 2\n5 6\n3 4\n1 2\n');
    expect(writeRawHeatmap(blueGreenRed, 'rgb')).toBe('3\n1 2\n1 2\n3 4\n5 6\n');
    expect(readRawHeatmap('3\n1 2\n5 6\n3 4\n1 2\n', 'x')).toEqual(blueGreenRed);
  });

  test('a C++ program may leave blanks at the ends of lines, and a DOS one its line ends', () => {
    expect(readRawHeatmap('3\r\n1 2 \r\n 5 6 \r\n3 4 \r\n1 2 \r\n\r\n', 'x')).toEqual(blueGreenRed);
  });

  test('reads back what was written, to six digits', () => {
    const map = fc.tuple(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 6 })).chain(([h, w]) =>
      fc
        .array(fc.float({ noNaN: true, noDefaultInfinity: true }), {
          minLength: 3 * h * w,
          maxLength: 3 * h * w,
        })
        .map((values) => float32([1, 3, h, w], values)),
    );
    fc.assert(
      fc.property(map, fc.constantFrom('bgr' as const, 'rgb' as const), (m, order) => {
        const back = readRawHeatmap(writeRawHeatmap(m, order), 'x', order);
        expect(back.shape).toEqual(m.shape);
        back.data.forEach((v, i) => {
          expect(Math.abs(v - m.data[i])).toBeLessThanOrEqual(6e-6 * Math.abs(m.data[i]) + 2e-45);
        });
      }),
    );
  });

  test.each([
    ['', 'a.txt:1: the file ends here'],
    ['4\n1 1\n', 'a.txt:1: expected 3 channels, got 4'],
    ['3\n', 'a.txt:2: the file ends here'],
    ['3\n1.5 2\n', 'a.txt:2: expected whole numbers'],
    ['3\n1 2\n1 2\n', 'a.txt:3: truncated'],
    ['3\n1 2\n1 2\n1 2\n1\n', 'a.txt:5: expected 2 numbers, got 1'],
    ['3\n1 2\n1 2\n1 x\n1 2\n', 'a.txt:4: number 2 is not finite or no number: "x"'],
    ['3\n1 2\n1 2\n1 nan\n1 2\n', 'a.txt:4: number 2 is not finite'],
    ['3\n1 2\n1 2\n1 2\n1 2\n1 2\n', 'a.txt:6: text after the last row'],
    ['3\n1 9007199254740991\n1\n1\n1\n', 'a.txt:3: expected 9007199254740991 numbers, got 1'],
  ])('%j is refused', (text, message) => {
    expect(() => readRawHeatmap(text, 'a.txt')).toThrow(LimnError);
    expect(() => readRawHeatmap(text, 'a.txt')).toThrow(message);
  });

  test('damaged text is read or refused, never anything else', () => {
    const good = writeRawHeatmap(
      float32(
        [1, 3, 2, 2],
        Array.from({ length: 12 }, (_, i) => i / 7),
      ),
    );
    const edit = fc.tuple(fc.nat(good.length), fc.nat(3), fc.string({ maxLength: 3 }));
    fc.assert(
      fc.property(edit, ([at, drop, insert]) => {
        try {
          readRawHeatmap(good.slice(0, at) + insert + good.slice(at + drop), 'a.txt');
        } catch (error) {
          expect(error).toBeInstanceOf(LimnError);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('several photos do not fit into one file', () => {
    expect(() => writeRawHeatmap(float32([2, 3, 1, 1], new Float32Array(6)))).toThrow('one file per photo');
  });
});
