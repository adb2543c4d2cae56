import { count, percent, plural } from '../../common/format.ts';
import type { DataShowResult } from '../../verbs/data/index.ts';
import { table } from '../table.ts';

/** Of columns with more values than this, only their number is printed. */
const mostRows = 30;

/** What labelled pictures hold: labels, groups and sizes with their counts. */
export function picturesText(shown: DataShowResult): string {
  const { data, kind, pictures, notes, labels, groups, sizes, unreadable, grid } = shown;
  const bad = unreadable.length > 0 ? `, ${count(unreadable.length)} of them missing or unreadable` : '';
  const parts = [`${data}: ${kind}, ${plural(pictures, 'picture')}${bad}\n`];
  for (const note of notes) parts.push(`${note}\n`);
  for (const [column, counts] of [...Object.entries(labels), ...Object.entries(groups)]) {
    parts.push('\n');
    if (counts.length > mostRows) parts.push(`${column}: ${count(counts.length)} different values\n`);
    else
      parts.push(
        table(
          [{ title: column }, { title: 'pictures', align: 'right' }, { title: '', align: 'right' }],
          counts.map(([value, n]) => [value || 'none', count(n), percent(n / pictures)]),
        ),
      );
  }
  parts.push('\n');
  const common = [...sizes].sort(([, a], [, b]) => b - a);
  parts.push(
    `sizes: ${common
      .slice(0, 5)
      .map(([size, n]) => `${size} (${count(n)})`)
      .join(', ')}`,
  );
  parts.push(common.length > 5 ? ` and ${count(common.length - 5)} others\n` : '\n');
  if (grid !== undefined) parts.push(`${grid}: the contact sheet\n`);
  return parts.join('');
}
