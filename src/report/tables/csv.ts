import { csvLine } from '../../common/csv.ts';
import { printable } from '../../common/quoted.ts';
import { type Table, textOf } from './table.ts';

/**
 * A table as CSV (RFC 4180, LF, a header): numbers as numbers, not rounded as in print, and a column for each that a
 * cell holds; control characters written out. No caption or notes.
 */
export function csvTable({ columns, rows }: Table): string {
  const header = columns.flatMap(({ title, fields }) => fields ?? [title]);
  const lines = rows.map((row) =>
    row.flatMap((cell, i) => {
      const { fields = [''] } = columns[i];
      const values = typeof cell === 'string' ? undefined : cell.values;
      return fields.map((_, f) => (values ? (values[f] ?? '') : f === 0 ? textOf(cell) : ''));
    }),
  );
  return [header, ...lines]
    .map((cells) => csvLine(cells.map((cell) => (typeof cell === 'string' ? printable(cell) : cell))))
    .join('');
}
