import { percent, short } from '../common/format.ts';
import type { Head, Tensor } from '../graph/index.ts';

/** One class with its value. */
export interface Ranked {
  readonly index: number;
  readonly label: string;
  readonly value: number;
}

/** The `top` classes of a row, best first; classes without a label are called by their index. */
export function ranked(row: ArrayLike<number>, head: Head, top: number): Ranked[] {
  return Array.from(row, (value, index) => ({
    index,
    label: head.labels?.[index] ?? `class ${index}`,
    value,
  }))
    .sort((a, b) => b.value - a.value || a.index - b.index)
    .slice(0, top);
}

/** A value as people read it. */
export const valueText = (value: number, probability: boolean): string =>
  probability ? percent(value) : short(value);

/** The mean of rows `from` to `to` (exclusive) of a batch N×…. */
export function meanRow(t: Tensor, from: number, to: number): number[] {
  const each = t.data.length / t.shape[0]!;
  return Array.from({ length: each }, (_, i) => {
    let sum = 0;
    for (let row = from; row < to; row++) sum += Number(t.data[row * each + i]);
    return sum / (to - from);
  });
}
