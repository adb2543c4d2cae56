import { withOutputs } from '../../common/outputs.node.ts';
import type { DataListsRequest } from '../../verbs/data/index.ts';
import {
  type Command,
  command,
  Option,
  parseWhole,
  withExamples,
  withJson,
  withOverwrite,
} from '../command.ts';
import { listsAndPrint } from '../print/data.ts';

type Options = Omit<DataListsRequest, 'folds'> & { readonly overwrite?: boolean; readonly json?: boolean };

export function dataListsCommand(): Command {
  const given = command('lists')
    .summary('lists for testing, training and validation from the Adience folds')
    .description(
      'Makes the lists of all folds of Adience: test_fold_is_K/{age,gender}_{test,train,val,train_subset}.txt, one ' +
        '`path label` per line. Says what the folds hold that no list can, and how much of each validation list was ' +
        'seen in training.',
    )
    .argument('<folds>', 'the folder with fold_0_data.txt …')
    .requiredOption('-o, --output <folder>', 'where to')
    .addOption(
      new Option(
        '--preprocessing <name>',
        'which files of each face: aligned by landmarks, unaligned (by rotation only), or both',
      )
        .choices(['aligned', 'unaligned', 'mixed'])
        .default('aligned'),
    )
    .addOption(
      new Option('--labels <name>', 'read the mislabel (25, 23) as (25, 32), or drop it as the paper did')
        .choices(['repaired', 'as-published'])
        .default('repaired'),
    )
    .addOption(
      new Option('--validation <name>', "apart by person, or by image as the paper's, which leaks")
        .choices(['by-person', 'as-published'])
        .default('by-person'),
    )
    .option('--seed <n>', 'of the random order', parseWhole(), 0)
    .option('--most <n>', 'the most lines of each list, to try something out', parseWhole(1));
  return withExamples(withJson(withOverwrite(given)), [
    ['lists without the known mistakes', 'limn data lists folds -o lists'],
    [
      'lists as the paper had them; its random order is lost',
      'limn data lists folds -o lists --labels as-published --validation as-published',
    ],
  ]).action(makeLists);
}

async function makeLists(folds: string, { overwrite, json, ...options }: Options): Promise<void> {
  await withOutputs({ overwrite }, (outputs) => listsAndPrint({ folds, ...options }, outputs, json));
}
