import { fail } from '../../common/error.ts';
import { type FileSystem, readText } from '../../common/files.ts';
import { type AdienceTarget, TARGETS } from './adience.ts';
import { type Fold, foldIndex, parseFold } from './folds.ts';
import { writeImageList } from './imagelist.ts';
import {
  type Census,
  census,
  type Overlap,
  peopleInSeveralFolds,
  repeatedRows,
  validationLeak,
} from './leaks.ts';
import { type ListOptions, listOf, type Split, splitFolds } from './lists.ts';
import { type PublishedFaults, publishedFaults } from './published.ts';

/** What was made of the folds, and what is to be known of it: the content of `lists.json`. */
export interface ListsRecord extends ListOptions {
  readonly folds: readonly { readonly fold: number; readonly rows: number }[];
  readonly census: Readonly<Record<AdienceTarget, Census>>;
  readonly repeatedRows: number;
  readonly peopleInSeveralFolds: readonly string[];
  readonly splits: readonly SplitRecord[];
  /** How the published split would have done. */
  readonly published: PublishedFaults;
}

/** What became of one fold: the sizes of its lists and what they share. */
export interface SplitRecord {
  readonly fold: number;
  /** Lines of each list: `age_test`. */
  readonly lists: Readonly<Record<string, number>>;
  readonly lost: readonly string[];
  /** What the validation list shares with the training list. */
  readonly leak: Readonly<Record<AdienceTarget, Overlap>>;
}

/**
 * Writes the lists of all folds in a folder of `fold_K_data.txt`:
 * `test_fold_is_K/{age,gender}_{test,train,val,train_subset}.txt` and `lists.json`. Nothing is written unless all
 * folds can be read. Errors name the file and the line.
 */
export async function makeLists(
  folder: string,
  out: string,
  options: ListOptions,
  files: FileSystem,
  signal?: AbortSignal,
): Promise<ListsRecord> {
  const folds = await readFolds(folder, files);
  await files.makeFolder(out);
  files.protect(folds.map(({ path }) => path));
  const splits = folds.map(({ index }) => splitFolds(folds, index, options));
  const recordPath = files.join(out, 'lists.json');
  await files.claim([
    recordPath,
    ...splits.flatMap(({ fold }) => LISTS.map((name) => listPath(out, fold, name, files))),
  ]);
  const made: SplitRecord[] = [];
  for (const split of splits) {
    signal?.throwIfAborted();
    made.push(await writeSplit(files, out, split, options));
  }
  const record = {
    ...options,
    folds: folds.map(({ index, faces }) => ({ fold: index, rows: faces.length })),
    census: perTarget((target) => census(folds, target, options.labels)),
    repeatedRows: repeatedRows(folds),
    peopleInSeveralFolds: peopleInSeveralFolds(folds),
    splits: made,
    published: publishedFaults(folds, options.alignment, options.seed),
  };
  await files.write(recordPath, `${JSON.stringify(record, null, 2)}\n`);
  return record;
}

/** Reads all folds of a folder. Errors: fewer than two, or a broken one. */
export async function readFolds(
  folder: string,
  files: FileSystem,
): Promise<(Fold & { readonly path: string })[]> {
  const found = (await files.list(folder)).flatMap(({ name }) => {
    const index = foldIndex(name);
    return index === undefined ? [] : [{ path: files.join(folder, name), index }];
  });
  if (found.length < 2) {
    fail(
      folder,
      `folds in it: ${found.length}, at least 2 are needed`,
      'give the folder with fold_0_data.txt …',
    );
  }
  found.sort((a, b) => a.index - b.index);
  const folds: (Fold & { readonly path: string })[] = [];
  for (const { path, index } of found) {
    const text = await readText(files, path, 'a fold of Adience', { strict: true });
    folds.push({ ...parseFold(text, index, path), path });
  }
  return folds;
}

const PARTS = ['test', 'train', 'val', 'train_subset'];
const LISTS = TARGETS.flatMap((target) => PARTS.map((part) => `${target}_${part}`));
const listPath = (folder: string, fold: number, name: string, { join }: FileSystem): string =>
  join(folder, `test_fold_is_${fold}`, `${name}.txt`);

async function writeSplit(
  files: FileSystem,
  folder: string,
  split: Split,
  { labels, most }: ListOptions,
): Promise<SplitRecord> {
  const parts = { test: split.test, train: split.train, val: split.val, train_subset: split.trainSubset };
  const lists: Record<string, number> = {};
  for (const target of TARGETS) {
    for (const [part, faces] of Object.entries(parts)) {
      const name = `${target}_${part}`;
      const list = listOf(faces, target, labels).slice(0, most);
      lists[name] = list.length;
      await files.write(listPath(folder, split.fold, name, files), writeImageList(list));
    }
  }
  return {
    fold: split.fold,
    lists,
    lost: split.lost.map(({ path }) => path),
    leak: perTarget((target) => validationLeak(split, target, labels)),
  };
}

const perTarget = <T>(of: (target: AdienceTarget) => T): Record<AdienceTarget, T> => ({
  age: of('age'),
  gender: of('gender'),
});
