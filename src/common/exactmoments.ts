import { addExact, type ExactSums, exactSums, exactTotal, mergeExact, type SumPair } from './exactsum.ts';

/**
 * Sums of values and of their squares, many at once: enough for means and spreads, however many vectors there are. They are exact,
 * so that neither the vectors' order nor how they were divided matters.
 */
export interface ExactMoments {
  /** So many vectors. */
  n: number;
  readonly sums: ExactSums;
  readonly squares: ExactSums;
}

/** Moments of no vectors of this length. */
export const noMoments = (length: number): ExactMoments => ({
  n: 0,
  sums: exactSums(length),
  squares: exactSums(length),
});

/** Adds a vector. Its values must be finite. */
export function addMoments(moments: ExactMoments, values: ArrayLike<number>): void {
  const { sums, squares } = moments;
  moments.n++;
  addExact(sums, values);
  // `from` with a function takes twenty times as long.
  const squared = new Float64Array(sums.length);
  for (let i = 0; i < squared.length; i++) squared[i] = values[i] * values[i];
  addExact(squares, squared);
}

/** Adds what other vectors came to. */
export function mergeMoments(moments: ExactMoments, other: ExactMoments): void {
  moments.n += other.n;
  mergeExact(moments.sums, other.sums);
  mergeExact(moments.squares, other.squares);
}

/** The mean of one of the values; 0 of no vectors. */
export const momentsMean = ({ n, sums }: ExactMoments, i: number): number =>
  exactTotal(sums, i).high / Math.max(n, 1);

/**
 * The population variance of one of the values, (n·Σx² − (Σx)²) / n²; 0 of no vectors. The two terms are held to some 100 bits: of
 * float32 values, whose squares float64 holds exactly, it is right however near to each other they are.
 */
export function momentsVariance({ n, sums, squares }: ExactMoments, i: number): number {
  const all = times({ high: n, low: 0 }, exactTotal(squares, i));
  const sum = exactTotal(sums, i);
  const square = times(sum, sum);
  const apart = all.high - square.high + (all.low - square.low);
  return Math.max(0, apart) / Math.max(n, 1) ** 2;
}

/** Parts a float64 number into two of 26 bits, whose products are exact. */
const SPLIT = 2 ** 27 + 1;

/** A product as `high + low` (Dekker 1971). */
function times(a: SumPair, b: SumPair): SumPair {
  const high = a.high * b.high;
  const [a1, a2] = halves(a.high);
  const [b1, b2] = halves(b.high);
  const rest = a1 * b1 - high + a1 * b2 + a2 * b1 + a2 * b2;
  return { high, low: rest + (a.high * b.low + a.low * b.high) };
}

function halves(value: number): readonly [upper: number, lower: number] {
  const part = SPLIT * value;
  const upper = part - (part - value);
  return [upper, value - upper];
}
