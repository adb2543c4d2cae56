import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addExact, type ExactSums, exactSums, exactTotals, mergeExact } from '../../src/common/exactsum.ts';

/** A float64 number as a whole number of the least that there is, 2⁻¹⁰⁷⁴. */
function units(value: number): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const bits = view.getBigUint64(0);
  const biased = (bits >> 52n) & 0x7ffn;
  const fraction = bits & 0xfffffffffffffn;
  const size = biased === 0n ? fraction : (fraction | 0x10000000000000n) << (biased - 1n);
  return value < 0 ? -size : size;
}

/** What the sum of a column is, in those units. */
const literal = (rows: readonly (readonly number[])[], i: number): bigint =>
  rows.reduce((sum, row) => sum + units(row[i]), 0n);

const sumsOf = (rows: readonly (readonly number[])[], length: number): ExactSums => {
  const sums = exactSums(length);
  for (const row of rows) addExact(sums, row);
  return sums;
};

const columns = 3;
const anyNumber = fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e300, max: 1e300 });
const ordinary = fc.double({ noNaN: true, min: -1, max: 1 });
const tiny = fc.integer({ min: -(2 ** 40), max: 2 ** 40 }).map((n) => n * Number.MIN_VALUE);
const single = fc.float({ noNaN: true, noDefaultInfinity: true });
const rowsOf = (value: fc.Arbitrary<number>) =>
  fc.array(fc.array(value, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 60 });
const rows = fc.oneof(
  rowsOf(anyNumber),
  rowsOf(ordinary),
  rowsOf(single),
  rowsOf(tiny),
  rowsOf(fc.oneof(ordinary, tiny, anyNumber)),
);

describe('exact sums', () => {
  it('are what whole numbers of the least unit come to, to their last bits', () => {
    fc.assert(
      fc.property(rows, (given) => {
        for (const [i, { high, low }] of exactTotals(sumsOf(given, columns)).entries()) {
          const wanted = literal(given, i);
          const size = wanted < 0n ? -wanted : wanted;
          const off = units(high) + units(low) - wanted;
          expect((off < 0n ? -off : off) <= size >> 98n).toBe(true);
          expect(Math.abs(low) <= Math.abs(high) * Number.EPSILON).toBe(true);
        }
      }),
    );
  });

  it('are the same in any order and in any parts', () => {
    fc.assert(
      fc.property(rows, fc.integer({ min: 1, max: 9 }), fc.nat(), (given, parts, seed) => {
        const whole = exactTotals(sumsOf(given, columns));
        const order = given
          .map((row, i) => [(i + 1) * (seed + 7919), row] as const)
          .sort(([a], [b]) => (a % 97) - (b % 97))
          .map(([, row]) => row);
        const merged = exactSums(columns);
        for (let part = 0; part < parts; part++)
          mergeExact(
            merged,
            sumsOf(
              order.filter((_, i) => i % parts === part),
              columns,
            ),
          );
        expect(exactTotals(merged)).toEqual(whole);
      }),
    );
  });

  it('stay exact however many are added, and where they cancel', () => {
    const sums = exactSums(2);
    for (let i = 0; i < 20_000; i++) addExact(sums, [1 + 2 ** -20, i % 2 ? -1e200 : 1e200]);
    addExact(sums, [2 ** -60, 3]);
    const [many, cancelled] = exactTotals(sums);
    expect(many).toEqual({ high: 20_000 + 20_000 / 2 ** 20, low: 2 ** -60 });
    expect(cancelled).toEqual({ high: 3, low: 0 });
  });
});
