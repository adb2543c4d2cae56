import { count, isOrAre, percent, plural } from '../../common/format.ts';
import type { ListsRecord, PublishedFaults } from '../../data/index.ts';
import { MISLABEL, TARGETS } from '../../data/lists/adience.ts';
import { table } from '../table.ts';

/** What was made of the folds: sizes, what is lost and dropped, and what leaks. */
export function listsText(record: ListsRecord, folder: string): string {
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
