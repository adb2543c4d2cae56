import { fail } from '../common/error.ts';
import type { Head, Tensor } from '../graph/index.ts';
import { rowSize } from './rows.ts';

/** One class with its value. */
export interface RankedClass {
  readonly index: number;
  readonly label: string;
  readonly value: number;
}

/** What a class is called: its label, or `class 3`. */
export const classLabel = (labels: readonly string[] | undefined, index: number): string =>
  labels?.[index] ?? `class ${index}`;

/** The place of the largest number; of equals the first. Errors: there are none. */
export function argmax(values: ArrayLike<number>): number {
  if (values.length === 0) fail('scores', 'there are none');
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** The `top` classes of a row (all unless given), best first; of equals the first. */
export function ranked(
  row: ArrayLike<number>,
  { labels }: Pick<Head, 'labels'>,
  top = Number.POSITIVE_INFINITY,
): RankedClass[] {
  return Array.from(row, (value, index) => ({ index, label: classLabel(labels, index), value }))
    .sort((a, b) => b.value - a.value || a.index - b.index)
    .slice(0, top);
}

/** The mean of the rows `from` to `to` (exclusive) of a batch N×…: of the crops of one photo. */
export function meanRow(batch: Tensor, from: number, to: number): number[] {
  const length = rowSize(batch);
  return Array.from({ length }, (_, i) => {
    let sum = 0;
    for (let row = from; row < to; row++) sum += Number(batch.data[row * length + i]);
    return sum / (to - from);
  });
}
