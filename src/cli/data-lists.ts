import { count, isOrAre, percent, plural } from '../common/format.ts';
import { type Outputs, withOutputs } from '../common/outputs.node.ts';
import { type ListOptions, MISLABEL, type PublishedFaults, TARGETS } from '../data/index.ts';
import type { ListsRecord } from '../data/lists/lists.node.ts';
import { type Command, command, Option, whole, withExamples, withJson, withOverwrite } from './command.ts';
import { print, printJson } from './output.ts';
import { table } from './table.ts';

interface Options {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly preprocessing: ListOptions['alignment'];
  readonly labels: ListOptions['labels'];
  readonly validation: ListOptions['validation'];
  readonly seed: number;
  readonly json?: boolean;
}

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
  return withExamples(withJson(withOverwrite(given)), [
    ['lists without the known mistakes', 'limn data lists folds -o lists'],
    [
      'lists as the paper had them; its random order is lost',
      'limn data lists folds -o lists --labels as-published --validation as-published',
    ],
  ]).action((folder: string, options: Options) =>
    withOutputs(options, (outputs) => lists(outputs, folder, options)),
  );
}

async function lists(outputs: Outputs, folder: string, options: Options): Promise<void> {
  const { makeLists } = await import('../data/lists/lists.node.ts');
  const { preprocessing: alignment, labels, validation, seed, output } = options;
  const record = await makeLists(folder, output, { alignment, labels, validation, seed }, outputs);
  if (options.json) printJson(record);
  else print(report(record, output));
}

function report(record: ListsRecord, folder: string): string {
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
      TARGETS.map((target) => {
        const { files, filesOfSharedPeople, filesOfSharedPhotos, sharedFiles } = leak[target];
        const share = (n: number) => `${count(n)} (${percent(n / Math.max(files, 1))})`;
        return [
          `${fold}`,
          target,
          ...['test', 'train', 'val', 'train_subset'].map((part) => count(lists[`${target}_${part}`])),
          count(lost.length),
          share(filesOfSharedPeople),
          share(filesOfSharedPhotos),
          share(sharedFiles),
        ];
      }),
    ),
  );
  const dropped = TARGETS.map((target) => {
    const { rows, labelled, dropped } = record.census[target];
    const list = dropped.map(({ label, rows }) => `${label} ×${count(rows)}`).join(', ');
    return `${target}: ${count(labelled)} of ${count(rows)} rows have a class; dropped: ${list || 'none'}\n`;
  });
  const several = record.peopleInSeveralFolds.length;
  return [
    `${folder}: lists of ${plural(record.splits.length, 'fold')}, ${record.alignment} faces, labels ${record.labels}, validation ${record.validation}, seed ${record.seed}\n\n`,
    sizes,
    '\n',
    ...dropped,
    `${plural(record.repeatedRows, 'row')} repeat an earlier one and stand in the lists as often, as published\n`,
    several > 0
      ? `careful: ${plural(several, 'album')} ${isOrAre(several)} in more than one fold\n`
      : 'no album is in more than one fold\n',
    publishedText(record.published),
  ].join('');
}

function publishedText({ lost, mislabelled, leak }: PublishedFaults): string {
  const lines = TARGETS.map((target) => {
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
