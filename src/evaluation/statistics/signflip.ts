import { philox } from '../../common/random.ts';

/** What is less likely than this is dropped: it would cost time and change no p-value that anyone reads. */
const negligible = 1e-200;

/**
 * Sign-flip test of paired differences that come person by person: under the hypothesis that two models are alike, a
 * person's difference is as likely the one's as the other's, so that every choice of signs of all persons' differences
 * was as likely. Two-sided p-value of the sum. Whole numbers (images that only the first got right less those that
 * only the second did) are counted exactly, which with one image per person is McNemar's exact test.
 */
export function signFlipExact(differences: readonly number[]): number {
  const sizes = differences.map(Math.abs).filter((size) => size > 0);
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const observed = Math.abs(differences.reduce((sum, each) => sum + each, 0));
  if (observed === 0) return 1;
  // chances[k - first]: that the differences with a plus add up to k.
  let chances = Float64Array.of(1);
  let first = 0;
  for (const size of sizes) {
    const next = new Float64Array(chances.length + size);
    for (let k = 0; k < chances.length; k++) {
      next[k] += chances[k] / 2;
      next[k + size] += chances[k] / 2;
    }
    let [start, end] = [0, next.length];
    while (next[start] < negligible) start++;
    while (next[end - 1] < negligible) end--;
    chances = next.subarray(start, end);
    first += start;
  }
  let tail = 0;
  for (let k = Math.max(0, (observed + total) / 2 - first); k < chances.length; k++) tail += chances[k];
  return Math.min(1, 2 * tail);
}

/** {@link signFlipExact} of any numbers, from `flips` random choices of signs, which follow from `seed`. */
export function signFlipRandom(differences: readonly number[], flips: number, seed: number): number {
  const observed = Math.abs(differences.reduce((sum, each) => sum + each, 0));
  const scale = differences.reduce((sum, each) => sum + Math.abs(each), 0);
  const key = Uint32Array.of(seed % 2 ** 32, Math.floor(seed / 2 ** 32));
  const random = new Uint32Array(4);
  let asFar = 0;
  for (let flip = 0; flip < flips; flip++) {
    let sum = 0;
    for (let i = 0; i < differences.length; i++) {
      const bit = i % 128;
      if (bit === 0) philox(Uint32Array.of(i / 128, 0, flip, 0), key, random);
      const isPlus = (random[bit >> 5] >>> (bit & 31)) & 1;
      sum += isPlus ? differences[i] : -differences[i];
    }
    // Sums that are equal but for the order of adding count as equal.
    if (Math.abs(sum) >= observed - 1e-12 * scale) asFar++;
  }
  // The signs that were observed are one of the choices (Phipson and Smyth 2010): p is never 0.
  return (asFar + 1) / (flips + 1);
}
