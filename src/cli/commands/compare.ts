import { withOutputs } from '../../common/outputs.node.ts';
import { COMPARISON_FILE } from '../../report/comparison.ts';
import type { CompareRequest } from '../../verbs/compare/index.ts';
import { type Command, command, parseWhole, withExamples, withJson, withOverwrite } from '../command.ts';
import { compareAndPrint } from '../print/reports.ts';

type Options = Omit<CompareRequest, 'results' | 'output'> & {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
};

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
  await withOutputs({ overwrite }, (outputs) => compareAndPrint({ ...options, results }, outputs, json));
}
