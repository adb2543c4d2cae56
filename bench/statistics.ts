/** The middle value; the mean of the two in the middle of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * How many times `other` takes the time of `mine`: the median over the rounds of the ratio within a round, in which
 * both ran one after the other, so that a machine that speeds up or slows down over time distorts nothing.
 */
export function timesFaster(mine: readonly number[], other: readonly number[]): number {
  return median(other.map((value, round) => value / mine[round]));
}
