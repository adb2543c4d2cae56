import { dirname, extname, join, relative, resolve } from 'node:path';
import { failRequest } from '../common/error.ts';
import { count, plural } from '../common/format.ts';
import type { BuildResult } from '../data/lmdb/lmdb.node.ts';
import { type Command, command, extent, whole, withExamples, withJson } from './command.ts';
import { complainOfMissing } from './dataset.ts';
import { complain } from './errors.ts';
import { print, printJson } from './output.ts';
import { Progress } from './progress.ts';

interface Options {
  readonly images: string;
  readonly output: string;
  readonly resize?: { height: number; width: number };
  readonly shuffle?: boolean;
  readonly seed?: number;
  readonly encoded?: boolean;
  readonly skipBad?: boolean;
  readonly json?: boolean;
}

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
    .option('--resize <size>', 'size of all pictures: 256, or HEIGHTxWIDTH (aspect ratio not kept)', extent)
    .option('--shuffle', 'in random order')
    .option('--seed <n>', 'of the random order; 0 unless given', whole())
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

async function makeDatabases(lists: readonly string[], options: Options): Promise<void> {
  if (options.seed !== undefined && !options.shuffle)
    failRequest('--seed', 'nothing is random', 'add --shuffle');
  const outputs = outputsOf(lists, options.output);
  const [{ buildLmdb }, { nodeFiles }, { openDataset, parseImageList, readList }] = await Promise.all([
    import('../data/lmdb/lmdb.node.ts'),
    import('../common/files.node.ts'),
    import('../data/index.ts'),
  ]);
  // All lists are read and all pictures looked for before anything is written.
  const parsed = [];
  for (const path of lists) {
    parsed.push(parseImageList(await readList(path, nodeFiles), path));
    await complainOfMissing(await openDataset(path, nodeFiles, { images: options.images }), options.skipBad);
  }
  const results: (BuildResult & { list: string; output: string })[] = [];
  for (const [i, list] of lists.entries()) {
    const output = outputs[i];
    const progress = new Progress(lists.length > 1 ? `pictures of ${list}` : 'pictures');
    try {
      const result = await buildLmdb(parsed[i], output, {
        images: options.images,
        resize: options.resize,
        seed: options.shuffle ? (options.seed ?? 0) : undefined,
        encoded: options.encoded,
        skipBad: options.skipBad,
        progress: (done, total) => progress.at(done, total),
      });
      results.push({ list, output, ...result });
    } finally {
      progress.clear();
    }
    tell(results.at(-1)!, options.json);
  }
  if (options.json) printJson(results);
}

/** A database per list: the folder itself for one, the lists' own paths from where they part for several. */
function outputsOf(lists: readonly string[], output: string): string[] {
  if (lists.length === 1) return [output];
  const folders = lists.map((path) => dirname(resolve(path)));
  let common = folders[0];
  while (
    !folders.every((folder) => folder === common || folder.startsWith(`${common}/`)) &&
    common !== dirname(common)
  ) {
    common = dirname(common);
  }
  const outputs = lists.map((path) => {
    const inside = relative(common, resolve(path));
    return join(output, `${inside.slice(0, inside.length - extname(inside).length)}_lmdb`);
  });
  const twice = outputs.findIndex((path, i) => outputs.indexOf(path) < i);
  if (twice >= 0)
    failRequest(lists[twice], 'two lists would become the same database', 'give each list once');
  return outputs;
}

function tell(
  { output, entries, skipped, resumed, present }: BuildResult & { output: string },
  json = false,
): void {
  for (const each of skipped) complain(each);
  if (json) return;
  const how = present
    ? ' (was there already)'
    : resumed > 0
      ? ` (went on at line ${count(resumed)} of the list)`
      : '';
  const bad = skipped.length > 0 ? `, ${skipped.length} skipped` : '';
  print(`${output}: ${plural(entries, 'picture')}${bad}${how}\n`);
}
