/**
 * How far two ways to part the same rows agree beyond chance, from about 0 to 1: the adjusted Rand index (Hubert and Arabie
 * 1985, equation 5). 1 where both put all rows together, or each by itself.
 *
 * @example
 * ```ts
 * import { adjustedRand } from 'limn/clusters';
 *
 * // The names of clusters do not matter.
 * console.log(adjustedRand([0, 0, 1, 1], ['b', 'b', 'a', 'a']));
 * ```
 */
export function adjustedRand<A, B>(first: readonly A[], second: readonly B[]): number {
  const cells = new Map<A, Map<B, number>>();
  const [ones, others] = [new Map<A, number>(), new Map<B, number>()];
  first.forEach((a, i) => {
    const b = second[i];
    const row = cells.get(a) ?? new Map<B, number>();
    cells.set(a, row.set(b, (row.get(b) ?? 0) + 1));
    ones.set(a, (ones.get(a) ?? 0) + 1);
    others.set(b, (others.get(b) ?? 0) + 1);
  });
  const pairs = (counts: Iterable<number>) => {
    let sum = 0;
    for (const n of counts) sum += (n * (n - 1)) / 2;
    return sum;
  };
  const together = [...cells.values()].reduce((sum, row) => sum + pairs(row.values()), 0);
  const [a, b] = [pairs(ones.values()), pairs(others.values())];
  const expected = (a * b) / pairs([first.length]);
  const most = (a + b) / 2;
  return most === expected ? 1 : (together - expected) / (most - expected);
}
