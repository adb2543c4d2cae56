import { escapeHtml } from '../page-text.ts';
import { isBest, type Table, textOf } from './table.ts';

/** A table as an HTML document that opens by itself; the <table> in it can be lifted into any other. */
export function htmlTable({ caption, columns, rows, notes = [] }: Table): string {
  const side = (i: number) => (columns[i]?.align === 'right' ? ' style="text-align:right"' : '');
  const head = columns.map(({ title }, i) => `<th scope="col"${side(i)}>${escapeHtml(title)}</th>`).join('');
  const body = rows.map((row) => {
    const cells = row.map((cell, i) => {
      const text = escapeHtml(textOf(cell));
      const shown = isBest(cell) ? `<strong>${text}</strong>` : text;
      return i === 0 ? `<th scope="row"${side(i)}>${shown}</th>` : `<td${side(i)}>${shown}</td>`;
    });
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(caption)}</title>
<style>
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #18202b; }
table { border-collapse: collapse; }
caption, p { text-align: left; padding-bottom: .6rem; max-width: 60rem; }
th, td { padding: .25rem .8rem; border-top: 1px solid #e3e7ec; font-variant-numeric: tabular-nums; text-align: left; }
tbody th { font-weight: normal; }
</style>
<table>
<caption>${escapeHtml(caption)}</caption>
<thead><tr>${head}</tr></thead>
<tbody>
${body.join('\n')}
</tbody>
</table>
${notes.map((note) => `<p>${escapeHtml(note)}</p>\n`).join('')}</html>
`;
}
