/**
 * Holm's adjustment of p-values for being one of many (Holm 1979, "A simple sequentially rejective multiple test
 * procedure"): in the given order, each at most 1. Those below 0.05 may all be claimed with a chance of at most 5 %
 * that any of them is wrong, whatever the tests have in common.
 */
export function holm(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((i, j) => p[i] - p[j]);
  const adjusted = new Array<number>(p.length);
  let largest = 0;
  order.forEach((i, rank) => {
    largest = Math.max(largest, Math.min(1, (p.length - rank) * p[i]));
    adjusted[i] = largest;
  });
  return adjusted;
}
