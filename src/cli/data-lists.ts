import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { failPath } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { makeFolder } from '../common/folder.node.ts';
import {
  type Census,
  census,
  type Fold,
  foldIndex,
  type ListOptions,
  listOf,
  MISLABEL,
  type Overlap,
  parseFold,
  peopleInSeveralFolds,
  repeatedRows,
  type Split,
  splitFolds,
  type Target,
  validationLeak,
  writeImageList,
} from '../data/index.ts';
import { type Command, command, Option, whole, withExamples, withJson } from './command.ts';
import { count, percent, plural } from './format.ts';
import { print, printJson } from './output.ts';
import { table } from './table.ts';

interface Options {
  readonly output: string;
  readonly preprocessing: ListOptions['alignment'];
  readonly labels: ListOptions['labels'];
  readonly validation: ListOptions['validation'];
  readonly seed: number;
  readonly json?: boolean;
}

const targets: readonly Target[] = ['age', 'gender'];

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
    .option('--seed <n>', 'of the random order', whole(), 0);
  return withExamples(withJson(given), [
    ['lists without the known mistakes', 'limn data lists folds -o lists'],
    [
      'lists as the paper had them; its random order is lost',
      'limn data lists folds -o lists --labels as-published --validation as-published',
    ],
  ]).action(makeLists);
}

async function makeLists(folder: string, options: Options): Promise<void> {
  const folds = await readFolds(folder);
  const how: ListOptions = {
    alignment: options.preprocessing,
    labels: options.labels,
    validation: options.validation,
    seed: options.seed,
  };
  // All splits are made before anything is written.
  const splits = folds.map(({ index }) => splitFolds(folds, index, how));
  await makeFolder(options.output);
  const made = [];
  for (const split of splits) made.push(await writeSplit(options.output, split, how));
  const record = {
    ...how,
    folds: folds.map(({ index, faces }) => ({ fold: index, rows: faces.length })),
    census: Object.fromEntries(
      targets.map((target) => [target, census(folds, target, how.labels)]),
    ) as Counts,
    repeatedRows: repeatedRows(folds),
    peopleInSeveralFolds: peopleInSeveralFolds(folds),
    splits: made,
    published: publishedSplit(folds, how),
  };
  await writeFileAtomic(join(options.output, 'lists.json'), `${JSON.stringify(record, null, 2)}\n`);
  if (options.json) printJson(record);
  else print(report(record, options.output, how));
}

async function readFolds(folder: string): Promise<Fold[]> {
  const names = await readdir(folder).catch((error) => failPath(folder, error));
  const found = names.flatMap((name) => {
    const index = foldIndex(name);
    return index === undefined ? [] : [{ name, index }];
  });
  if (found.length < 2) {
    fail(
      folder,
      `${plural(found.length, 'fold')} in it, at least 2 are needed`,
      'give the folder with fold_0_data.txt …',
    );
  }
  const { readText } = await import('../data/open.node.ts');
  const folds: Fold[] = [];
  for (const { name, index } of found.sort((a, b) => a.index - b.index)) {
    const path = join(folder, name);
    folds.push(parseFold(await readText(path), index, path));
  }
  return folds;
}

/** Writes the eight lists of a fold; tells their sizes and the leak into validation. */
async function writeSplit(folder: string, split: Split, { labels }: ListOptions) {
  const directory = join(folder, `test_fold_is_${split.fold}`);
  await makeFolder(directory);
  const parts = { test: split.test, train: split.train, val: split.val, train_subset: split.trainSubset };
  const lists: Record<string, number> = {};
  for (const target of targets) {
    for (const [part, files] of Object.entries(parts)) {
      const list = listOf(files, target, labels);
      lists[`${target}_${part}`] = list.length;
      await writeFileAtomic(join(directory, `${target}_${part}.txt`), writeImageList(list));
    }
  }
  return {
    fold: split.fold,
    lists,
    lost: split.lost.map(({ path }) => path),
    leak: Object.fromEntries(
      targets.map((target) => [target, validationLeak(split, target, labels)]),
    ) as Record<Target, ReturnType<typeof validationLeak>>,
  };
}

/** What the published split drops and leaks, over all folds: seen in these folds and with these files. */
function publishedSplit(folds: readonly Fold[], how: ListOptions) {
  const published = { ...how, labels: 'as-published', validation: 'as-published' } as const;
  const splits = folds.map(({ index }) => splitFolds(folds, index, published));
  const dropped = (target: Target) =>
    census(folds, target, 'repaired').labelled - census(folds, target, 'as-published').labelled;
  return {
    lost: splits.reduce((sum, { lost }) => sum + lost.length, 0),
    mislabelled: dropped('age'),
    leak: Object.fromEntries(
      targets.map((target) => {
        const leaks = splits.map((split) => validationLeak(split, target, 'as-published'));
        const sum = (key: keyof Overlap) => leaks.reduce((total, leak) => total + leak[key], 0);
        return [
          target,
          {
            files: sum('files'),
            filesOfSharedPeople: sum('filesOfSharedPeople'),
            filesOfSharedPhotos: sum('filesOfSharedPhotos'),
            sharedFiles: sum('sharedFiles'),
          },
        ];
      }),
    ) as Record<
      Target,
      Pick<Overlap, 'files' | 'filesOfSharedPeople' | 'filesOfSharedPhotos' | 'sharedFiles'>
    >,
  };
}

type Counts = Readonly<Record<Target, Census>>;

interface Report {
  readonly census: Counts;
  readonly repeatedRows: number;
  readonly peopleInSeveralFolds: readonly string[];
  readonly published: ReturnType<typeof publishedSplit>;
  readonly splits: readonly Awaited<ReturnType<typeof writeSplit>>[];
}

function report(record: Report, folder: string, how: ListOptions): string {
  const right = 'right' as const;
  const sizes = table(
    [
      { title: 'fold' },
      { title: '' },
      ...['test', 'train', 'val', 'train_subset', 'lost'].map((title) => ({ title, align: right })),
      { title: 'of val: people in train', align: right },
      { title: 'photos in train', align: right },
      { title: 'files in train', align: right },
    ],
    record.splits.flatMap(({ fold, lists, lost, leak }) =>
      targets.map((target) => {
        const { files, filesOfSharedPeople, filesOfSharedPhotos, sharedFiles } = leak[target];
        const share = (n: number) => `${count(n)} (${percent(n / Math.max(files, 1))})`;
        return [
          `${fold}`,
          target,
          ...['test', 'train', 'val', 'train_subset'].map((part) => count(lists[`${target}_${part}`]!)),
          count(lost.length),
          share(filesOfSharedPeople),
          share(filesOfSharedPhotos),
          share(sharedFiles),
        ];
      }),
    ),
  );
  const dropped = targets.map((target) => {
    const { rows, labelled, dropped } = record.census[target];
    const list = dropped.map(({ label, rows }) => `${label} ×${count(rows)}`).join(', ');
    return `${target}: ${count(labelled)} of ${count(rows)} rows have a class; dropped: ${list || 'none'}\n`;
  });
  const several = record.peopleInSeveralFolds.length;
  return [
    `${folder}: lists of ${plural(record.splits.length, 'fold')}, ${how.alignment} faces, labels ${how.labels}, validation ${how.validation}, seed ${how.seed}\n\n`,
    sizes,
    '\n',
    ...dropped,
    `${plural(record.repeatedRows, 'row')} repeat an earlier one and stand in the lists as often, as published\n`,
    several > 0
      ? `careful: ${plural(several, 'album')} are in more than one fold\n`
      : 'no album is in more than one fold\n',
    publishedText(record.published),
  ].join('');
}

function publishedText({ lost, mislabelled, leak }: Report['published']): string {
  const lines = targets.map((target) => {
    const { files, filesOfSharedPeople, filesOfSharedPhotos, sharedFiles } = leak[target];
    const share = (n: number) => percent(n / Math.max(files, 1));
    return (
      `  ${target}: of the validation files, ${share(filesOfSharedPeople)} are of people and ${share(filesOfSharedPhotos)} ` +
      `of photos that are in training, too; ${share(sharedFiles)} are themselves\n`
    );
  });
  return (
    `the published split loses ${plural(lost, 'file')} in all, drops ${plural(mislabelled, 'face')} labelled ${MISLABEL}, and leaks:\n` +
    lines.join('')
  );
}
