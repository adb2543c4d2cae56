import { fail } from '../common/error.ts';
import type { Dataset, FileStore, Sample } from './dataset.ts';
import type { ListedImage } from './lists/imagelist.ts';
import { readDatum } from './lmdb/datum.ts';
import type { Lmdb } from './lmdb/reader.ts';
import type { Manifest } from './manifest.ts';

/** The name of the one label that lists, databases and folders have. */
export const LABEL = 'label';

/** The pictures of an image list; labels are whole numbers in the column `label`. */
export function listDataset(images: readonly ListedImage[], files: FileStore, name: string): Dataset {
  const samples = images.map(({ path, label }) => ({ path, labels: { [LABEL]: label }, groups: {} }));
  return fileDataset('list', samples, files, { name, labelColumns: [LABEL], groupColumns: [], classes: {} });
}

/** The pictures of a CSV manifest; labels are text, as written. */
export function manifestDataset(manifest: Manifest, files: FileStore, name: string): Dataset {
  const { labelColumns, groupColumns } = manifest;
  return fileDataset('csv', manifest.rows, files, { name, labelColumns, groupColumns, classes: {} });
}

/**
 * Pictures in a folder per class: `paths` are CLASS/FILE, classes are numbered in the alphabetical order of their
 * folders. Errors: a picture in no folder.
 */
export function folderDataset(paths: readonly string[], files: FileStore, name: string): Dataset {
  const sorted = [...paths].sort(byCodePoint);
  const classes = [...new Set(sorted.map((path) => classOf(path, name)))];
  if (classes.length === 0)
    fail(name, 'no pictures in its folders', 'give a folder with one folder of pictures per class');
  const numbers = new Map(classes.map((each, i) => [each, i]));
  const samples = sorted.map((path) => ({
    path,
    labels: { [LABEL]: numbers.get(classOf(path, name))! },
    groups: {},
  }));
  const classNames = { [LABEL]: classes };
  return fileDataset('folder', samples, files, {
    name,
    labelColumns: [LABEL],
    groupColumns: [],
    classes: classNames,
  });
}

function classOf(path: string, name: string): string {
  const slash = path.indexOf('/');
  return slash > 0
    ? path.slice(0, slash)
    : fail(`${name}/${path}`, 'a picture in no class', 'put it into the folder of its class');
}

/** The pictures of a database of Caffe's; labels are whole numbers in the column `label`, names are keys. */
export function lmdbDataset(database: Lmdb, name: string): Dataset {
  return {
    name,
    kind: 'lmdb',
    size: database.entries,
    labelColumns: [LABEL],
    groupColumns: [],
    classes: {},
    notes: [],
    async *samples(from) {
      for await (const { key, value } of database.iterate(from)) {
        const text = new TextDecoder().decode(key);
        const { label, content } = readDatum(await value(), `${name}, ${text}`);
        yield { name: text, labels: { [LABEL]: label }, groups: {}, content: async () => content };
      }
    },
    missing: async () => [],
    files: [],
  };
}

/** The path that a database's key was made of: `00000012_a/b.jpg` → `a/b.jpg`. */
export const pathOfKey = (key: string): string => key.replace(/^\d{8,}_/, '');

function fileDataset(
  kind: Dataset['kind'],
  entries: readonly (Omit<Sample, 'name' | 'content'> & { readonly path: string })[],
  files: FileStore,
  rest: Pick<Dataset, 'name' | 'labelColumns' | 'groupColumns' | 'classes'>,
): Dataset {
  return {
    ...rest,
    kind,
    size: entries.length,
    notes: [],
    async *samples(from = 0) {
      for (const { path, labels, groups } of entries.slice(from)) {
        yield {
          name: path,
          labels,
          groups,
          content: async () => ({ kind: 'file', bytes: await files.read(path) }),
        };
      }
    },
    missing: () => files.missing(entries.map(({ path }) => path)),
    get files() {
      return entries.flatMap(({ path }) => files.place?.(path) ?? []);
    },
  };
}

const byCodePoint = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
