import { fail, failRequest } from '../common/error.ts';
import { count, isOrAre, plural } from '../common/format.ts';
import { field, words } from '../common/words.ts';
import { type Dataset, openDataset } from '../data/index.ts';
import type { Host } from './host.ts';
import type { FailedItem } from './verb.ts';

/** Labelled photos, and the column of their labels that is asked for. */
export interface LabelledPhotos {
  readonly dataset: Dataset;
  readonly column: string;
  /** What the column is taken for: `age`, `gender`, or its own name. */
  readonly target: string;
}

/**
 * Opens labelled photos: an image list, a `.csv` manifest, a folder per class, an LMDB database. The column is the one
 * named `target`, else the one named as the model's output, else the only one. Errors: several, none of which is named.
 */
export async function openLabelled(
  path: string,
  {
    target,
    images,
    output,
  }: { readonly target?: string | undefined; readonly images?: string | undefined; readonly output: string },
  { files }: Host,
): Promise<LabelledPhotos> {
  const columns = target !== undefined && /\.[ct]sv$/i.test(path) ? { labels: [target] } : undefined;
  const dataset = await openDataset(path, files, { images, columns });
  files.protect(dataset.files);
  const { labelColumns } = dataset;
  const [first] = labelColumns;
  if (first !== undefined && target !== undefined)
    return { dataset, column: labelColumns.includes(target) ? target : first, target };
  if (labelColumns.includes(output)) return { dataset, column: output, target: output };
  return first !== undefined && labelColumns.length === 1
    ? { dataset, column: first, target: first }
    : failRequest(
        words`${field('target')}`,
        `${path} has several labels`,
        `choose one: ${labelColumns.join(', ')}`,
      );
}

/** Tells of every file that is named and not there; then fails, unless they are to be skipped. */
export async function checkMissing(
  dataset: Dataset,
  skipBad: boolean,
  tell: (failed: FailedItem) => void,
): Promise<void> {
  if (skipBad) return;
  const missing = [...new Set(await dataset.missing())];
  if (missing.length === 0) return;
  for (const item of missing) tell({ item, error: `${item}: no such file` });
  fail(
    dataset.name,
    `${count(missing.length)} of ${plural(dataset.size, 'picture')} ${isOrAre(missing.length)} missing`,
    words`check ${field('images')}, or go on without them: ${field('skipBad')}`,
  );
}
