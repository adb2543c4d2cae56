import { printable } from '../../common/quoted.ts';
import { isBest, type Table, textOf } from './table.ts';

/**
 * A table as GitHub's Markdown, its caption before and its notes after it.
 *
 * @example
 * ```ts
 * import { markdownTable } from 'limn/report';
 *
 * const columns = [{ title: 'model' }, { title: 'accuracy in %', align: 'right' }] as const;
 * console.log(markdownTable({ caption: 'Gender', columns, rows: [['VGG16', '92.1']] }));
 * ```
 */
export function markdownTable({ caption, columns, rows, notes = [] }: Table): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return `${[
    escaped(caption),
    '',
    line(columns.map(({ title }) => escaped(title))),
    line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...rows.map((row) =>
      line(
        row.map((cell) => {
          const text = escaped(textOf(cell));
          return isBest(cell) && text !== '' ? `**${text}**` : text;
        }),
      ),
    ),
    ...notes.flatMap((note) => ['', escaped(note)]),
  ].join('\n')}\n`;
}

const escaped = (text: string): string =>
  printable(text.replace(/\s*\n\s*/g, ' ')).replace(/[\\|*_`<]|\](?=[([:])|&(?=#?\w+;)|!(?=\[)/g, '\\$&');
