import { type FileSystem, readText } from '../common/files.ts';
import type { Dataset } from './dataset.ts';
import { folderStore, picturesUnder } from './files.ts';
import { parseImageList } from './lists/imagelist.ts';
import { openLmdb } from './lmdb/reader.ts';
import { type ManifestOptions, parseManifest } from './manifest.ts';
import { folderDataset, listDataset, lmdbDataset, manifestDataset } from './sources.ts';

/** Where a data set lies, and how it is to be read. */
export interface OpenOptions {
  /** The folder that paths of a list or manifest are relative to; that of the file itself unless given. */
  readonly images?: string | undefined;
  /** Columns of a manifest. */
  readonly columns?: ManifestOptions | undefined;
}

/**
 * Opens labelled pictures: a folder with `data.mdb`, or that file (LMDB); any other folder (a folder per class); a
 * `.csv` or `.tsv` file (a manifest); any other file (an image list). Errors name the path, and the line or row.
 *
 * @example
 * ```ts
 * import { mkdir, copyFile } from 'node:fs/promises';
 * import { openDataset } from 'limn/data';
 * import { nodeFiles } from 'limn/node';
 *
 * await mkdir('classes/female', { recursive: true });
 * await copyFile('demo/astronaut-face.png', 'classes/female/1.png');
 * const dataset = await openDataset('classes', nodeFiles);
 * console.log(dataset.kind, dataset.size, dataset.classes);
 * for await (const { name, labels } of dataset.samples()) console.log(name, labels);
 * ```
 */
export async function openDataset(
  path: string,
  files: FileSystem,
  { images, columns }: OpenOptions = {},
): Promise<Dataset> {
  const isFolder = (await files.kindOf(path)) === 'folder';
  const database = isFolder ? files.join(path, 'data.mdb') : path;
  if (/\.mdb$/i.test(database) && (!isFolder || (await files.kindOf(database)))) {
    return { ...lmdbDataset(await openLmdb(await files.open(database), database), path), files: [database] };
  }
  if (isFolder) return folderDataset(await picturesUnder(files, path), folderStore(files, path), path);
  const text = await readList(path, files);
  const store = folderStore(files, images ?? files.join(path, '..'));
  const dataset = /\.[ct]sv$/i.test(path)
    ? manifestDataset(parseManifest(text, path, columns), store, path)
    : listDataset(parseImageList(text, path), store, path);
  return { ...dataset, files: [path, ...dataset.files] };
}

/** The text of a list. Errors: it is none, or not UTF-8. */
export const readList = (path: string, files: FileSystem): Promise<string> =>
  readText(files, path, 'a list or manifest of pictures', { strict: true });
