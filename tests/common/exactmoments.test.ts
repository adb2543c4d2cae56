import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addMoments,
  type ExactMoments,
  mergeMoments,
  momentsMean,
  momentsVariance,
  noMoments,
} from '../../src/common/exactmoments.ts';

/** A float32 number as a whole number of the least that there is, 2⁻¹⁴⁹. */
function units(value: number): bigint {
  const bits = new DataView(new ArrayBuffer(4));
  bits.setFloat32(0, value);
  const word = bits.getUint32(0);
  const biased = (word >>> 23) & 0xff;
  const fraction = BigInt(word & 0x7fffff);
  const size = biased === 0 ? fraction : (fraction | 0x800000n) << BigInt(biased - 1);
  return value < 0 ? -size : size;
}

/** A quotient of whole numbers as float64 has it, for ones of any size. */
function quotient(above: bigint, below: bigint): number {
  const shift = BigInt(Math.max(0, below.toString(2).length - above.toString(2).length + 80));
  return Number((above << shift) / below) * 2 ** -Number(shift);
}

/** Mean and population variance with whole numbers, in units. */
function literal(values: readonly number[]): { mean: number; variance: number } {
  const n = BigInt(values.length);
  const all = values.map(units);
  const sum = all.reduce((total, each) => total + each, 0n);
  const squares = all.reduce((total, each) => total + each * each, 0n);
  return { mean: quotient(sum, n), variance: quotient(n * squares - sum * sum, n * n) };
}

const length = 3;
const momentsOf = (rows: readonly (readonly number[])[]): ExactMoments => {
  const moments = noMoments(length);
  for (const row of rows) addMoments(moments, row);
  return moments;
};

const float = (min: number, max: number) =>
  fc.float({ noNaN: true, min: Math.fround(min), max: Math.fround(max) });
/** Values that differ in their last bits only, where a difference of large sums has nothing left. */
const near = fc.integer({ min: -3, max: 3 }).map((bits) => Math.fround(1000 + bits * 2 ** -14));
const rowsOf = (value: fc.Arbitrary<number>) =>
  fc.array(fc.array(value, { minLength: length, maxLength: length }), { minLength: 1, maxLength: 40 });
const rows = fc.oneof(
  rowsOf(float(-1, 1)),
  rowsOf(float(-1e30, 1e30)),
  rowsOf(near),
  rowsOf(fc.oneof(near, float(-1, 1))),
);

describe('exact moments', () => {
  it('are mean and population variance of float32 values, however near to each other these are', () => {
    fc.assert(
      fc.property(rows, (given) => {
        const moments = momentsOf(given);
        for (let i = 0; i < length; i++) {
          const wanted = literal(given.map((row) => row[i]));
          const [mean, variance] = [momentsMean(moments, i), momentsVariance(moments, i)];
          expect(Math.abs(mean - wanted.mean * 2 ** -149)).toBeLessThanOrEqual(
            Math.abs(mean) * 2 * Number.EPSILON,
          );
          const apart = Math.abs(variance - wanted.variance * 2 ** -149 * 2 ** -149);
          expect(apart).toBeLessThanOrEqual(variance * 1e-13);
        }
      }),
    );
  });

  it('are the same to the last bit in whatever order and parts', () => {
    const divided = rows.chain((given) =>
      fc.tuple(
        fc.constant(given),
        fc.shuffledSubarray(given, { minLength: given.length }),
        fc.array(fc.nat({ max: given.length }), { maxLength: 5 }),
      ),
    );
    fc.assert(
      fc.property(divided, ([given, order, cuts]) => {
        const whole = momentsOf(given);
        const edges = [0, ...cuts.toSorted((a, b) => a - b), given.length];
        const together = noMoments(length);
        for (let k = 1; k < edges.length; k++)
          mergeMoments(together, momentsOf(order.slice(edges[k - 1], edges[k])));
        expect(together.n).toBe(whole.n);
        for (let i = 0; i < length; i++) {
          expect(Object.is(momentsMean(together, i), momentsMean(whole, i))).toBe(true);
          expect(Object.is(momentsVariance(together, i), momentsVariance(whole, i))).toBe(true);
        }
      }),
    );
  });

  it('of nothing are zeros', () => {
    expect([momentsMean(noMoments(1), 0), momentsVariance(noMoments(1), 0)]).toEqual([0, 0]);
  });
});
