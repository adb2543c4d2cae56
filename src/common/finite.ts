/**
 * The place of the first number that is not finite; −1 where all are. A plain loop: for a callback per number `findIndex` takes
 * many times as long, and this is asked of every input and every heatmap.
 */
export function firstNotFinite(values: ArrayLike<number>): number {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return i;
  return -1;
}
