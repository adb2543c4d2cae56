import { join, resolve } from 'node:path';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { failRequest } from '../common/error.ts';
import { version } from '../common/version.ts';
import { compare, type Source } from '../evaluation/comparison/index.ts';
import { readResult } from '../evaluation/store.node.ts';
import { COMPARISON_FILE, type NamedTable, reportOn } from '../report/comparison.ts';
import {
  csvTable,
  htmlTable,
  latexTable,
  markdownTable,
  type Table,
  textOf,
} from '../report/tables/index.ts';
import { type Command, command, whole, withExamples, withJson } from './command.ts';
import { makeFolder, print, printJson } from './output.ts';
import { table } from './table.ts';

interface Options {
  readonly output: string;
  readonly baseline?: string;
  readonly groupBy?: readonly string[];
  readonly published?: boolean;
  readonly spread?: boolean;
  readonly allowDifferentData?: boolean;
  readonly resamples: number;
  readonly seed: number;
  readonly json?: boolean;
}

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
    .requiredOption('-o, --output <folder>', 'where to')
    .option('--baseline <name>', 'hold all others against this result, instead of all pairs')
    .option(
      '--group-by <column...>',
      'groups of images: a table for each column and, of several, for all crossed; a,b crosses just these',
    )
    .option('--published', "add the paper's published numbers and the difference to them")
    .option('--spread', 'write ± standard deviations over folds into the paper’s table')
    .option('--allow-different-data', 'test models on the images that both answered, where their data differ')
    .option('--resamples <n>', 'of the bootstrap', whole(100), 2000)
    .option('--seed <n>', 'of the bootstrap', whole(), 1);
  return withExamples(withJson(given), [
    ['two models, and where each of them does worse', 'limn compare a b -o out --group-by gender race'],
    ['a reproduction of the paper', 'limn compare results/* -o out --published'],
  ]).action(compareResults);
}

async function compareResults(folders: readonly string[], options: Options): Promise<void> {
  const groupBy = groupingsOf(options.groupBy ?? []);
  const sources: Source[] = [];
  // A folder that is given twice is one result.
  const once = new Map(folders.map((folder) => [resolve(folder), folder]));
  for (const source of once.values()) sources.push({ source, ...(await readResult(source)) });
  const comparison = compare(sources, { ...options, groupBy });
  const report = reportOn(comparison, { limn: version }, options);
  await makeFolder(options.output);
  for (const each of report.tables) await writeTable(options.output, each);
  // Last: where it is, all else is.
  await writeFileAtomic(join(options.output, COMPARISON_FILE), `${JSON.stringify(report, null, 1)}\n`);
  if (options.json) {
    printJson(report);
    return;
  }
  for (const { kind, table: each } of report.tables) {
    if (kind === 'summary' || (kind === 'pairs' && each.rows.length <= MANY_PAIRS))
      print(`${printed(each)}\n`);
  }
  for (const { text } of report.findings) print(`• ${text}\n`);
  print(
    `\n${report.tables.length} tables (.md, .tex, .csv, .html) and ${COMPARISON_FILE} → ${options.output}\n`,
  );
}

/** `gender race` → gender, race, and gender × race; `gender,race` just their crossing. */
function groupingsOf(words: readonly string[]): string[][] {
  const groupings = words.map((word) => {
    const columns = word.split(',').map((column) => column.trim());
    if (columns.includes('') || new Set(columns).size < columns.length) {
      failRequest(
        `--group-by ${word}`,
        'expected columns with commas between',
        'write gender or gender,race',
      );
    }
    return columns;
  });
  const crossed = [...new Set(groupings.flat())];
  if (groupings.length > 1 && groupings.every(({ length }) => length === 1)) groupings.push(crossed);
  return [...new Map(groupings.map((columns) => [columns.join(','), columns])).values()];
}

async function writeTable(folder: string, { name, table: each }: NamedTable): Promise<void> {
  const formats = {
    md: markdownTable(each),
    tex: latexTable(each, name),
    csv: csvTable(each),
    html: htmlTable(each),
  };
  for (const [ending, text] of Object.entries(formats)) {
    await writeFileAtomic(join(folder, `${name}.${ending}`), text);
  }
}

function printed({ caption, columns, rows }: Table): string {
  return `${caption}\n${table(
    columns,
    rows.map((row) => row.map(textOf)),
  )}`;
}
