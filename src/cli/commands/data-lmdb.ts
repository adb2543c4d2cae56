import type { DataLmdbRequest } from '../../verbs/data/index.ts';
import { type Command, command, parseSize, parseWhole, withExamples, withJson } from '../command.ts';
import { goesOnAgain } from '../follow.ts';
import { foldList } from '../options/folds.ts';
import { databasesAndPrint } from '../print/data.ts';

type Options = Omit<DataLmdbRequest, 'lists'> & { readonly json?: boolean };

export function dataLmdbCommand(): Command {
  const given = command('lmdb')
    .summary('databases for Caffe, as its convert_imageset makes them')
    .description(
      'Makes an LMDB database of an image list, which Caffe, py-lmdb and limn read: keys are the line in the list and ' +
        'the path, values are Datum messages. Of several lists, one database each under the folder -o. An interrupted ' +
        'run leaves no database; the same call again goes on where it stopped.',
    )
    .argument('<lists...>', 'image lists: one `path label` per line')
    .requiredOption('--images <folder>', "the folder that the lists' paths start from")
    .requiredOption('-o, --output <folder>', 'the database, or the folder of several')
    .option(
      '--resize <size>',
      'size of all pictures: 256, or HEIGHTxWIDTH (aspect ratio not kept)',
      parseSize,
    )
    .option(
      '--folds <list>',
      'of the lists of these folds, 0-4 or 0,2, which replace {fold} in the paths',
      foldList,
    )
    .option('--gray', 'one grey channel, as --gray of convert_imageset')
    .option('--shuffle', 'in random order')
    .option('--seed <n>', 'of the random order; 0 unless given', parseWhole())
    .option('--encoded', 'keep JPEG files instead of pixels: smaller, slower to train from')
    .option('--skip-bad', 'go on after pictures that are missing or cannot be read, and list them');
  return withExamples(withJson(given), [
    [
      'one database',
      'limn data lmdb lists/test_fold_is_0/age_train.txt --images aligned -o age_train_lmdb --resize 256 --shuffle',
    ],
    [
      'all databases of all folds: lmdb/test_fold_is_0/age_train_lmdb …',
      'limn data lmdb lists/test_fold_is_*/*.txt --images aligned -o lmdb --resize 256 --shuffle',
    ],
  ]).action(makeDatabases);
}

async function makeDatabases(lists: readonly string[], { json, ...options }: Options): Promise<void> {
  goesOnAgain();
  await databasesAndPrint({ lists, ...options }, json);
}
