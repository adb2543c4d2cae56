import { dirname, extname, join, relative, resolve } from 'node:path';
import { failRequest } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import { openDataset, parseImageList, readList } from '../../data/index.ts';
import { type BuildResult, buildLmdb } from '../../data/lmdb/lmdb.node.ts';
import { extentOf } from '../../graph/index.ts';
import type { Host } from '../host.ts';
import { checkMissing } from '../labelled.ts';
import { checkRequest, inFold } from '../request.ts';
import type { FailedEvent, ProgressEvent, Watch } from '../verb.ts';
import { type DataLmdbRequest, dataLmdbRequest } from './request.ts';

/** A database, and the list that it is of. */
export interface MadeDatabase extends BuildResult {
  readonly list: string;
  readonly output: string;
}

/** One after the other, as the lists come. */
export interface DataLmdbResult {
  readonly databases: readonly MadeDatabase[];
}

/** How far the work is, and each database as soon as it is whole. */
export type DataLmdbEvent =
  | ProgressEvent
  | FailedEvent
  | { readonly kind: 'database'; readonly database: MadeDatabase };

/**
 * Makes an LMDB database of each image list, as Caffe's `convert_imageset` does. The same call after an interruption goes on
 * where it stopped. Errors: the request's, before anything is written; as of `buildLmdb` of limn/node.
 */
export async function dataLmdb(
  request: DataLmdbRequest,
  { files }: Pick<Host, 'files'>,
  { on, signal }: Watch<DataLmdbEvent> = {},
): Promise<DataLmdbResult> {
  const {
    lists: given,
    folds,
    images,
    output,
    resize,
    shuffle,
    seed,
    gray,
    encoded,
    skipBad,
  } = checkRequest(dataLmdbRequest, request, signal);
  if (seed !== undefined && !shuffle)
    failRequest(words`${field('seed')}`, 'nothing is random', words`add ${field('shuffle')}`);
  if (gray && encoded)
    failRequest(
      words`${field('gray')}`,
      'encoded pictures keep their colours',
      words`leave out ${field('encoded')}, or give the transform_param of their data layer force_gray: true`,
    );
  const lists = listsOf(given, folds);
  const outputs = outputsOf(lists, output);
  // All lists are read and all pictures looked for before anything is written.
  const parsed = [];
  for (const path of lists) {
    parsed.push(parseImageList(await readList(path, files), path));
    await checkMissing(await openDataset(path, files, { images }), skipBad, (failed) =>
      on?.({ kind: 'failed', failed }),
    );
  }
  const databases: MadeDatabase[] = [];
  for (const [i, list] of lists.entries()) {
    const what = lists.length > 1 ? `pictures of ${list}` : 'pictures';
    const result = await buildLmdb(parsed[i], outputs[i], {
      images,
      gray,
      encoded,
      skipBad,
      resize: resize === undefined ? undefined : extentOf(resize),
      seed: shuffle ? (seed ?? 0) : undefined,
      signal,
      progress(done, total) {
        signal?.throwIfAborted();
        on?.({ kind: 'progress', what, done, total });
      },
    });
    const database = { list, output: outputs[i], ...result };
    databases.push(database);
    on?.({ kind: 'database', database });
  }
  return { databases };
}

/** The lists of all folds. Errors: one that is the same in all of them. */
function listsOf(lists: readonly string[], folds: readonly number[] | undefined): readonly string[] {
  if (folds === undefined) return lists;
  const same = lists.find((path) => !path.includes('{fold}'));
  if (same !== undefined)
    failRequest(same, 'is the same for all folds', 'write {fold} where their number stands');
  return folds.flatMap((fold) => lists.map((path) => inFold(path, fold)));
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
