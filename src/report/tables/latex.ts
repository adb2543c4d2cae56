import { printable } from '../../common/quoted.ts';
import { isBest, type Table, textOf } from './table.ts';

/** A table for LaTeX with the package booktabs; `label` is what `\ref` finds it by. */
export function latexTable({ caption, columns, rows, notes = [] }: Table, label: string): string {
  const line = (cells: readonly string[]) => `    ${cells.join(' & ')} \\\\`;
  return `${[
    '% needs \\usepackage{booktabs}',
    '\\begin{table}',
    '  \\centering',
    `  \\caption{${escaped(caption)}}`,
    `  \\label{tab:${label.replace(/[^\w.:+-]/g, '-')}}`,
    `  \\begin{tabular}{${columns.map(({ align }) => (align === 'right' ? 'r' : 'l')).join('')}}`,
    '    \\toprule',
    line(columns.map(({ title }) => escaped(title))),
    '    \\midrule',
    ...rows.map((row) =>
      line(
        row.map((cell) => {
          const text = escaped(textOf(cell));
          return isBest(cell) ? `\\textbf{${text}}` : text;
        }),
      ),
    ),
    '    \\bottomrule',
    '  \\end{tabular}',
    ...notes.map((note) => `  \\par\\footnotesize ${escaped(note)}`),
    '\\end{table}',
  ].join('\n')}\n`;
}

const special: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  // After the \\ of the line before, a bracket would be taken for its argument.
  '[': '{[}',
  ']': '{]}',
  '·': '$\\cdot$',
  '±': '$\\pm$',
  '×': '$\\times$',
  '−': '$-$',
  '–': '--',
  '†': '$\\dagger$',
  '…': '\\ldots{}',
};

const escaped = (text: string): string =>
  printable(text.replace(/\s*\n\s*/g, ' ')).replace(
    /[\\~^<>[\]·±×−–†…]|[&%$#_{}]/g,
    (character) => special[character] ?? `\\${character}`,
  );
