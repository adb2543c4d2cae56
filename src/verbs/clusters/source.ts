import { type Classifier, classLabel } from '../../classifier/index.ts';
import { type Dataset, openDataset } from '../../data/index.ts';
import { readingOf } from '../../evaluation/index.ts';
import type { Host } from '../host.ts';
import { type PhotoSample, type PhotoSet, photosAlone, photosOf, photosOfSet } from '../photoset.ts';
import type { FailedItem } from '../verb.ts';

/** Photos whose true classes may be known. */
export interface LabelledSource extends PhotoSet {
  samples(wanted: ReadonlySet<number>): AsyncIterable<LabelledSample>;
}

export interface LabelledSample extends PhotoSample {
  /** The true class as the model calls it. */
  readonly truth?: string | undefined;
  /** Its number. */
  readonly truthIndex?: number | undefined;
}

/** Which photos are opened. */
export interface SourceFields {
  readonly truthColumn?: string | undefined;
  readonly images?: string | undefined;
  readonly photos?: number | undefined;
  readonly skipBad: boolean;
}

/**
 * Opens photos as they are, or a set of them with what it knows. A folder of folders is one of classes. Errors: as of data
 * sets; photos that are missing; labels that are none of the model's classes.
 */
export async function openSource(
  data: readonly string[],
  classifier: Classifier,
  { truthColumn, images, photos: most, skipBad }: SourceFields,
  host: Host,
  tell: (failed: FailedItem) => void,
): Promise<LabelledSource> {
  const [first] = data;
  const paths = (await isOfClasses(data, host)) ? undefined : await photosOf(data, host);
  if (paths) return photosAlone(data, paths, most, host);
  const columns = await columnsOf(first, classifier, truthColumn, host);
  const dataset = await openDataset(first, host.files, { images, columns });
  const photos = await photosOfSet(dataset, { photos: most, skipBad }, host, tell);
  const truthOf = truthReader(dataset, classifier, truthColumn);
  return {
    ...photos,
    async *samples(wanted) {
      for await (const sample of photos.samples(wanted)) {
        const truthIndex = truthOf(sample.labels, sample.name);
        const truth = truthIndex === undefined ? undefined : classLabel(classifier.head.labels, truthIndex);
        yield { ...sample, truth, truthIndex };
      }
    },
  };
}

/** The column of true classes of a manifest: the one named as the output, `label` or `class` unless it is named; or none. */
async function columnsOf(
  path: string,
  { head }: Classifier,
  truthColumn: string | undefined,
  { files }: Host,
): Promise<{ readonly labels: readonly string[] } | undefined> {
  if (!/\.[ct]sv$/i.test(path)) return undefined;
  if (truthColumn !== undefined) return { labels: truthColumn === 'none' ? [] : [truthColumn] };
  const { groupColumns } = await openDataset(path, files, { columns: { labels: [] } });
  return { labels: [head.name, 'label', 'class'].filter((name) => groupColumns.includes(name)).slice(0, 1) };
}

async function isOfClasses([first, ...more]: readonly string[], { files }: Host): Promise<boolean> {
  if (more.length > 0 || (await files.kindOf(first)) !== 'folder') return false;
  return (await files.list(first)).some(({ kind }) => kind === 'folder');
}

/** How a photo's labels are read as one of the model's classes; a column that is not asked for by name must be clear. */
function truthReader(
  { name: source, labelColumns, classes }: Dataset,
  { head, classes: count }: Classifier,
  wanted: string | undefined,
) {
  const column =
    wanted ??
    (labelColumns.includes(head.name) ? head.name : labelColumns.length === 1 ? labelColumns[0] : 'none');
  if (column === 'none' || head.kind === 'number') return () => undefined;
  const used = labelColumns.includes(column) ? column : labelColumns[0];
  const { truth } = readingOf(head, count, { target: column, names: classes[used] });
  return (labels: Readonly<Record<string, number | string>>, name: string): number | undefined => {
    const label = labels[used];
    return label === undefined ? undefined : truth(label, `${source}, ${name}`);
  };
}
