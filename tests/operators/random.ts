import { count, type NdArray } from '../reference/array.ts';

/** Uniform numbers in [0, 1) from a seed (xorshift32). */
export function random(seed: number): () => number {
  let state = (Math.imul(seed | 0, 0x9e3779b1) ^ 0x85ebca6b) | 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
  for (let i = 0; i < 8; i++) next();
  return next;
}

/**
 * Float32 numbers in (low, high) in random order, no two close to one another and none close to 0, 1, 2 or 3: away
 * from ties and kinks, where derivatives do not exist.
 */
export function values(next: () => number, n: number, low = -2, high = 2): number[] {
  const order = Array.from({ length: n }, (_, i) => i);
  for (let i = n - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    [order[i], order[j]] = [order[j], order[i]];
  }
  return order.map((place) => {
    const value = low + ((place + 0.25 + next() / 2) / n) * (high - low);
    const kink = Math.round(value);
    return Math.fround(Math.abs(value - kink) < 1e-3 ? kink + 1e-3 + (1e-3 * place) / n : value);
  });
}

/** An array of such numbers. */
export function array(next: () => number, shape: readonly number[], low?: number, high?: number): NdArray {
  return { shape, data: Float64Array.from(values(next, count(shape), low, high)) };
}
