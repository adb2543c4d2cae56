import { bytes, plural } from '../../common/format.ts';
import type { Outputs } from '../../common/outputs.node.ts';
import { COMPARISON_FILE } from '../../report/comparison.ts';
import type { Table } from '../../report/tables/index.ts';
import type { CompareRequest } from '../../verbs/compare/index.ts';
import type { PlotRequest } from '../../verbs/plot/index.ts';
import type { ReportRequest } from '../../verbs/report/index.ts';
import { print, printJson } from '../output.ts';
import { table } from '../table.ts';

/* What evaluations and trainings come to: by a command, or as a unit. */

/** More pairs than this are left to the files. */
const MANY_PAIRS = 15;

/** Compares evaluations, and prints the tables that people look at first. */
export async function compareAndPrint(
  request: CompareRequest & { readonly output: string },
  outputs: Outputs,
  json = false,
): Promise<void> {
  const [{ compare }, { nodeHostWith }, { textOf }] = await Promise.all([
    import('../../verbs/compare/index.ts'),
    import('../../hosts/node.node.ts'),
    import('../../report/tables/index.ts'),
  ]);
  const report = await compare(request, nodeHostWith(outputs));
  if (json) return printJson(report);
  const { tables, findings } = report;
  const printed = ({ caption, columns, rows }: Table) =>
    `${caption}\n${table(
      columns,
      rows.map((row) => row.map(textOf)),
    )}`;
  for (const { kind, table: each } of tables) {
    if (kind === 'summary' || (kind === 'pairs' && each.rows.length <= MANY_PAIRS))
      print(`${printed(each)}\n`);
  }
  for (const { text } of findings) print(`• ${text}\n`);
  print(
    `\n${plural(tables.length, 'table')} (.md, .tex, .csv, .html) and ${COMPARISON_FILE} → ${request.output}\n`,
  );
}

/** Draws how trainings went. */
export async function plotAndPrint(request: PlotRequest, outputs: Outputs): Promise<void> {
  const [{ plot }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/plot/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const { output, rows, size } = await plot(request, nodeHostWith(outputs));
  print(`${output}: ${plural(rows, 'row')} of ${plural(request.runs.length, 'training')}, ${bytes(size)}\n`);
}

/** Makes one page of a comparison. */
export async function reportAndPrint(request: ReportRequest, outputs: Outputs): Promise<void> {
  const [{ report }, { nodeHostWith }] = await Promise.all([
    import('../../verbs/report/index.ts'),
    import('../../hosts/node.node.ts'),
  ]);
  const { file, size, pictures, missing } = await report(request, nodeHostWith(outputs));
  for (const text of missing) print(`${text}\n`);
  print(`${file}: ${bytes(size)}, with ${plural(pictures, 'picture')} of heatmaps\n`);
}
