import { stat } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { fail } from '../../common/error.ts';
import { readTextFile } from '../../common/file.node.ts';
import { nodeFiles } from '../../common/files.node.ts';
import { count, isOrAre, plural } from '../../common/format.ts';
import { folderStore } from '../../data/files.ts';
import { parseImageList } from '../../data/lists/imagelist.ts';
import { keptAccess } from '../../data/lmdb/randomaccess.node.ts';
import { openLmdb } from '../../data/lmdb/reader.ts';
import type { DatabaseSettings, DataSettings, ListSettings } from './layer.ts';
import type { DatabaseSource, ListSource, RecordSource } from './records.node.ts';

/** Finds what a network's files name; throws where nothing is. */
export type Resolve = (path: string, what: string) => string;

/** How sources are found. */
export interface SourceOptions {
  readonly resolve: Resolve;
  /** Told of every file of a list that is missing, before the error that counts them. */
  readonly complain?: (line: string) => void;
}

/**
 * The pictures of a data layer and how many there are. Errors: a database or list that is missing, empty or damaged; pictures
 * of a list that are missing.
 */
export async function findSource(
  { source, where, label }: DataSettings,
  options: SourceOptions,
): Promise<{ source: RecordSource; size: number }> {
  const found = options.resolve(source.path, `${where}: source`);
  if (source.kind === 'list') {
    const listed = await listSource(source, found, where, options);
    return { source: listed, size: listed.paths.length };
  }
  return databaseSource(source, found, label !== undefined);
}

async function databaseSource(
  { colour }: DatabaseSettings,
  path: string,
  labelled: boolean,
): Promise<{ source: DatabaseSource; size: number }> {
  const folder = (await stat(path).catch(() => undefined))?.isDirectory() ?? false;
  const file = folder ? join(path, 'data.mdb') : path;
  if (folder && !(await stat(file).catch(() => undefined))) {
    fail(path, 'no LMDB database: it has no data.mdb', 'make one of the list of pictures');
  }
  const access = keptAccess(file);
  try {
    const database = await openLmdb(access, file);
    if (database.entries === 0) fail(file, 'the database is empty', 'make it again');
    const directory = await database.directory();
    return { source: { kind: 'database', file, directory, colour, labelled }, size: database.entries };
  } finally {
    access.close();
  }
}

async function listSource(
  { folder, size, colour }: ListSettings,
  list: string,
  where: string,
  { resolve, complain }: SourceOptions,
): Promise<ListSource> {
  const images = parseImageList(await readTextFile(list, 'a list of pictures', { strict: true }), list);
  const listed = images.map(({ path }) => path);
  // Caffe puts root_folder before every path; without one, paths are relative to the list or, as in Caffe, to where one is.
  const folders = folder ? [resolve(folder, `${where}: root_folder`)] : [dirname(list), '.'];
  let paths: string[] = [];
  let missing: string[] | undefined;
  for (const each of folders) {
    const here = listed.map((path) => (!folder && isAbsolute(path) ? path : join(each, path)));
    const absent = [...(await folderStore(nodeFiles, '.').missing(here))];
    if (missing && absent.length >= missing.length) continue;
    paths = here;
    missing = absent;
    if (missing.length === 0) break;
  }
  if (missing!.length > 0) paths = elsewhere(paths, missing!, list, resolve, complain);
  return {
    kind: 'list',
    file: list,
    paths,
    labels: Int32Array.from(images, ({ label }) => label),
    size,
    colour,
  };
}

/** Absolute paths of another machine, found here by the same rules as databases. Errors: some that are not. */
function elsewhere(
  paths: readonly string[],
  missing: readonly string[],
  list: string,
  resolve: Resolve,
  complain: (line: string) => void = () => undefined,
): string[] {
  const found = new Map<string, string>();
  const absent: string[] = [];
  for (const path of new Set(missing)) {
    try {
      found.set(path, resolve(path, list));
    } catch {
      absent.push(path);
      complain(`${path}: no such file`);
    }
  }
  if (absent.length === 0) return paths.map((path) => found.get(path) ?? path);
  const some = absent.slice(0, 3).join(', ') + (absent.length > 3 ? ', …' : '');
  return fail(
    list,
    `${count(absent.length)} of ${plural(paths.length, 'picture')} ${isOrAre(absent.length)} missing: ${some}`,
    'check the list and its root_folder',
  );
}
