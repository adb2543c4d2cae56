import { withOutputs } from '../../common/outputs.node.ts';
import { COMPARISON_FILE } from '../../report/comparison.ts';
import type { Table } from '../../report/tables/index.ts';
import type { CompareRequest } from '../../verbs/compare/index.ts';
import { type Command, command, parseWhole, withExamples, withJson, withOverwrite } from '../command.ts';
import { print, printJson } from '../output.ts';
import { table } from '../table.ts';

type Options = Omit<CompareRequest, 'results' | 'output'> & {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
};

/** More pairs than this are left to the files. */
const MANY_PAIRS = 15;

export function compareCommand(): Command {
  const given = command('compare')
    .description(
      'Compares evaluations of the same images: accuracies with 95 % intervals, paired tests between models with ' +
        "Holm's correction, groups with the worst gap first, and the paper's table. Results of a model's folds are put " +
        `together. Writes each table as .md, .tex, .csv and .html, and all numbers as ${COMPARISON_FILE}.`,
    )
    .argument('<result...>', 'folders that limn evaluate wrote')
    .option('-o, --output <folder>', 'where to', 'compared')
    .option('--baseline <name>', 'hold all others against this result, instead of all pairs')
    .option(
      '--group-by <column...>',
      'groups of images: a table for each column and, of several, for all crossed; a,b crosses just these',
    )
    .option('--published', "add the paper's published numbers and the difference to them")
    .option('--spread', 'write ± standard deviations over folds into the paper’s table')
    .option('--allow-different-data', 'test models on the images that both answered, where their data differ')
    .option('--resamples <n>', 'of the bootstrap', parseWhole(100), 2000)
    .option('--seed <n>', 'of the bootstrap', parseWhole(), 1);
  return withExamples(withJson(withOverwrite(given)), [
    ['two models, and where each of them does worse', 'limn compare a b -o out --group-by gender race'],
    ['a reproduction of the paper', 'limn compare results/* --published'],
  ]).action(compareFolders);
}

async function compareFolders(
  results: readonly string[],
  { overwrite, json, ...options }: Options,
): Promise<void> {
  const [{ compare }, { nodeHostWith }, { textOf }] = await Promise.all([
    import('../../verbs/compare/index.ts'),
    import('../../hosts/node.node.ts'),
    import('../../report/tables/index.ts'),
  ]);
  const report = await withOutputs({ overwrite }, (outputs) =>
    compare({ ...options, results }, nodeHostWith(outputs)),
  );
  if (json) {
    printJson(report);
    return;
  }
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
  print(`\n${tables.length} tables (.md, .tex, .csv, .html) and ${COMPARISON_FILE} → ${options.output}\n`);
}
