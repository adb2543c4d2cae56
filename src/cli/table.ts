import { printable } from '../common/quoted.ts';

/** A column: its heading and on which side its cells stand. */
export interface PrintedColumn {
  readonly title: string;
  readonly align?: 'left' | 'right';
}

/** Rows of text under headings, in columns as wide as need be. Ends with a line break. */
export function table(columns: readonly PrintedColumn[], rows: readonly (readonly string[])[]): string {
  const given = columns.some(({ title }) => title !== '')
    ? [columns.map(({ title }) => title), ...rows]
    : rows;
  // A line break in a name must not begin a row.
  const all = given.map((row) => row.map(printable));
  const widths = columns.map((_, i) => all.reduce((most, row) => Math.max(most, length(row[i] ?? '')), 0));
  const lines = all.map((row) =>
    columns
      .map(({ align }, i) => {
        const cell = row[i] ?? '';
        const space = ' '.repeat(widths[i] - length(cell));
        return align === 'right' ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}

/** Characters, not UTF-16 units. */
const length = (text: string): number => [...text].length;
