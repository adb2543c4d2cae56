import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failPath } from '../common/errno.node.ts';
import { readText } from '../common/file.node.ts';
import type { Dataset } from './dataset.ts';
import { fileAccess, folderStore, picturesUnder } from './files.node.ts';
import { parseImageList } from './imagelist.ts';
import { openLmdb } from './lmdb-reader.ts';
import { type ManifestOptions, parseManifest } from './manifest.ts';
import { folderDataset, listDataset, lmdbDataset, manifestDataset } from './sources.ts';

export interface OpenOptions {
  /** The folder that paths of a list or manifest are relative to; that of the file itself unless given. */
  readonly images?: string;
  /** Columns of a manifest. */
  readonly columns?: ManifestOptions;
}

/**
 * Opens labelled pictures: a folder with `data.mdb`, or that file (LMDB); any other folder (a folder per class); a
 * `.csv` or `.tsv` file (a manifest); any other file (an image list). Errors name the path, and the line or row.
 */
export async function openDataset(path: string, options: OpenOptions = {}): Promise<Dataset> {
  const entry = await stat(path).catch((error) => failPath(path, error));
  if (entry.isDirectory()) {
    const data = join(path, 'data.mdb');
    if (await stat(data).catch(() => undefined))
      return lmdbDataset(await openLmdb(await fileAccess(data), data), path);
    return folderDataset(await picturesUnder(path), folderStore(path), path);
  }
  if (/\.mdb$/i.test(path)) return lmdbDataset(await openLmdb(await fileAccess(path), path), path);
  const text = await readText(path, 'a list or manifest of pictures', { strict: true });
  const store = folderStore(options.images ?? dirname(path));
  return /\.[ct]sv$/i.test(path)
    ? manifestDataset(parseManifest(text, path, options.columns), store, path)
    : listDataset(parseImageList(text, path), store, path);
}
