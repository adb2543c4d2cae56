import type { Section, Table } from './section.ts';

/** A section as Markdown: its tables, whether the targets are met, and its notes. */
export function markdown({ tables, targets, notes }: Section): string {
  const verdicts: Table = {
    columns: ['target', 'wanted', 'measured', ''],
    rows: targets.map(({ what, wanted, measured, met }) => [
      what,
      wanted,
      measured,
      met ? 'met' : '**not met**',
    ]),
  };
  const parts = [...tables, ...(targets.length > 0 ? [verdicts] : [])].map(markdownTable);
  return [...parts, ...(notes.length > 0 ? [notes.map((note) => `- ${note}`).join('\n')] : [])].join('\n\n');
}

/** Columns are padded so that the table reads well in a terminal, too; numbers (all but the first column) stand right. */
function markdownTable({ columns, rows }: Table): string {
  const widths = columns.map((title, c) =>
    Math.max(3, ...[title, ...rows.map((row) => row[c])].map((t) => t.length)),
  );
  const isNumeric = columns.map((_, c) => rows.every((row) => /^([-–≥≤<\d]|$)/.test(row[c])));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, c) => (isNumeric[c] ? cell.padStart(widths[c]) : cell.padEnd(widths[c]))).join(' | ')} |`;
  const rule = widths.map((width, c) => (isNumeric[c] ? `${'-'.repeat(width - 1)}:` : '-'.repeat(width)));
  return [line(columns), line(rule), ...rows.map(line)].join('\n');
}

/**
 * Replaces what stands between the markers of `name` in a text: `<!-- name -->` and `<!-- /name -->`.
 * Errors: the markers are missing.
 */
export function between(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`bench/README.md: the markers ${begin} … ${end} are missing`);
  return `${text.slice(0, from + begin.length)}\n${content}\n${text.slice(to)}`;
}
