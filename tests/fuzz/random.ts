import { below, drawAt } from '../../src/common/random.ts';

/** Numbers that look random and are the same for the same seed. */
export interface Dice {
  /** A whole number from 0 to `n` − 1; 0 where `n` is 0. */
  below(n: number): number;
  /** One of them. */
  pick<T>(from: readonly T[]): T;
  /** True with probability `p`. */
  chance(p: number): boolean;
}

/** Draws of one mutant: `seed` of the run, `stream` of the format, `mutant` counted from 0. */
export function dice(seed: number, stream: string, mutant: number): Dice {
  const words = new Uint32Array(4);
  let drawn = 0;
  const next = (n: number) => {
    // Four words come at a time, and 64 draws are more than most mutants need; places of mutants must not overlap.
    if (drawn % 4 === 0) drawAt(seed, stream, mutant * 1024 + ((drawn / 4) % 1024), words);
    return n < 1 ? 0 : below(words[drawn++ % 4], n);
  };
  return {
    below: next,
    pick: (from) => from[next(from.length)],
    chance: (p) => next(1000) < p * 1000,
  };
}
