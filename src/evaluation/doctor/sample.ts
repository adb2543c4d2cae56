import { shuffled } from '../../data/index.ts';
import type { Head } from '../../graph/index.ts';

/** Regressions are sampled evenly over so many parts of the truth's range. */
const PARTS = 10;

/**
 * A random sample that follows from `seed`: of each class as many items as of any other, as far as there are; of a
 * regression as many from each tenth of the items in the order of their truth. Every beginning of it is such a sample,
 * too, so that a trial may stop early.
 */
export function stratified<T extends { readonly truth: number }>(
  items: readonly T[],
  size: number,
  kind: Head['kind'],
  seed: number,
): T[] {
  const sorted = [...items].sort((a, b) => a.truth - b.truth);
  const strata = new Map<number, T[]>();
  sorted.forEach((item, i) => {
    const key = kind === 'classes' ? item.truth : Math.floor((i * PARTS) / sorted.length);
    const list = strata.get(key);
    if (list) list.push(item);
    else strata.set(key, [item]);
  });
  const drawn = [...strata.entries()]
    .sort(([a], [b]) => a - b)
    .map(([, list], stream) => shuffled(list, seed, stream));
  const sample: T[] = [];
  for (let round = 0; sample.length < Math.min(size, items.length); round++) {
    const row = drawn.flatMap((list) => (round < list.length ? [list[round]] : []));
    // With more classes than room, other classes must have their chance under another seed.
    sample.push(...shuffled(row, seed, drawn.length + round));
  }
  return sample.slice(0, size);
}
