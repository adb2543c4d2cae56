/*
 * Sums of float64 numbers, many at once, that are exact: what they come to does not depend on the order of what was added, nor
 * on how it was divided among machines. Demmel and Hida (2004), "Fast and accurate floating point summation", keep one
 * accumulator for each range of exponents; so do these, 16 exponents to a bin. Of each number at most 27 bits are added to a
 * bin at once, whose values are whole multiples of one unit below 2⁴² of it: 2¹¹ additions stay exact in float64's 53 bits, and
 * then what a bin has too much of is carried to the next.
 */

/** Exponents of a bin, as a power of two. */
const WIDTH = 4;
const EXPONENTS = 1 << WIDTH;

/** Bits of a number that are added to one bin. */
const PART = 27;
/** Leaves so many of a number, of whose lower word the others are cleared. Computed here, as a power for each number takes longer than the rest. */
const MASK = -(2 ** PART);

/** So many additions are exact, beside what carrying leaves in a bin. */
const ROOM = 2 ** (53 - EXPONENTS - PART);

/** Numbers below the normal ones have so many exponents more, in whole bins. */
const BELOW = 64;

/** So many numbers, each the exact sum of what was added to it. */
export interface ExactSums {
  readonly length: number;
  /** By the exponents that they are for, a value for each sum; those that were needed. */
  readonly bins: (Float64Array | undefined)[];
  /** Additions since bins were last carried. */
  added: number;
}

/** Sums of nothing yet. */
export const exactSums = (length: number): ExactSums => ({ length, bins: [], added: 0 });

const one = new Float64Array(1);
const halves = new Uint32Array(one.buffer);
/** Where the upper half of a float64 is. */
const UPPER = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;
const LOWER = 1 - UPPER;

/** The least that values of a bin differ by: its smallest numbers' last of 27 bits. */
const unitOf = (bin: number): number =>
  Math.max(2 ** (EXPONENTS * bin - BELOW - 1022 - PART), Number.MIN_VALUE);

/** The bin of a number. */
function binOf(value: number): number {
  one[0] = value;
  const biased = (halves[UPPER] >>> 20) & 0x7ff;
  if (biased > 0) return (biased + BELOW) >> WIDTH;
  const above = halves[UPPER] & 0xfffff;
  const highest = above > 0 ? 63 - Math.clz32(above) : 31 - Math.clz32(halves[LOWER]);
  return (highest - 51 + BELOW) >> WIDTH;
}

/** Adds a value to each sum. They must be finite. */
export function addExact(sums: ExactSums, values: ArrayLike<number>): void {
  for (let i = 0; i < sums.length; i++) {
    const value = values[i];
    if (value === 0) continue;
    one[0] = value;
    halves[LOWER] &= MASK;
    const upper = one[0];
    if (upper !== 0) addTo(sums, binOf(upper), i, upper);
    const lower = value - upper;
    if (lower !== 0) addTo(sums, binOf(lower), i, lower);
  }
  // A bin may have had both parts.
  sums.added += 2;
  if (sums.added + 2 > ROOM) carry(sums);
}

function addTo({ bins, length }: ExactSums, bin: number, i: number, value: number): void {
  bins[bin] ??= new Float64Array(length);
  bins[bin][i] += value;
}

/** Adds what others came to. */
export function mergeExact(sums: ExactSums, others: ExactSums): void {
  for (const each of [sums, others]) carry(each);
  sums.added++;
  others.bins.forEach((bin, k) => {
    bin?.forEach((value, i) => {
      if (value !== 0) addTo(sums, k, i, value);
    });
  });
  carry(sums);
}

/** Leaves in each bin what the next cannot hold; there is one way to do that for every sum. */
function carry(sums: ExactSums): void {
  const { bins, length, added } = sums;
  if (added === 0) return;
  for (let k = 0; k < bins.length; k++) {
    const bin = bins[k];
    if (!bin) continue;
    const unit = unitOf(k + 1);
    let next = bins[k + 1];
    for (let i = 0; i < length; i++) {
      if (bin[i] === 0) continue;
      // What stays is between plus and minus half a unit, so that no sum below 0 is carried for ever.
      const above = Math.floor(bin[i] / unit + 0.5) * unit;
      if (above === 0) continue;
      next ??= bins[k + 1] = new Float64Array(length);
      bin[i] -= above;
      next[i] += above;
    }
  }
  sums.added = 0;
}

/** A sum as `high + low`, high being what float64 holds of it, within some units of its 105th bit. */
export interface SumPair {
  readonly high: number;
  readonly low: number;
}

/** One of the sums. Those of the same numbers are the same to the last bit. */
export function exactTotal(sums: ExactSums, i: number): SumPair {
  carry(sums);
  const { bins } = sums;
  let [high, low] = [0, 0];
  for (let k = bins.length - 1; k >= 0; k--) {
    const value = bins[k]?.[i] ?? 0;
    if (value === 0) continue;
    // Knuth's sum of two, whose error is exact.
    const sum = high + value;
    const part = sum - high;
    low += high - (sum - part) + (value - part);
    high = sum;
  }
  const total = high + low;
  return { high: total, low: low - (total - high) };
}

/** All of them. */
export const exactTotals = (sums: ExactSums): readonly SumPair[] =>
  Array.from({ length: sums.length }, (_, i) => exactTotal(sums, i));

/** Sums as they are kept: the numbers of the bins that were needed, and their values, bins × sums. */
export interface KeptSums {
  readonly bins: readonly number[];
  readonly values: Float64Array;
}

/** Sums as they are kept: those of the same numbers are the same. */
export function keptSums(sums: ExactSums): KeptSums {
  carry(sums);
  const used = [...sums.bins.entries()].flatMap(([k, bin]) =>
    bin?.some((value) => value !== 0) ? [[k, bin] as const] : [],
  );
  const values = new Float64Array(used.length * sums.length);
  used.forEach(([, bin], i) => {
    values.set(bin, i * sums.length);
  });
  return { bins: used.map(([k]) => k), values };
}

/** So many sums, as they were kept. */
export function sumsOf(length: number, { bins, values }: KeptSums): ExactSums {
  const sums = exactSums(length);
  bins.forEach((k, i) => {
    sums.bins[k] = values.slice(i * length, (i + 1) * length);
  });
  return sums;
}
