import { type Classifier, classLabel } from '../../classifier/index.ts';
import { fail } from '../../common/error.ts';
import { type Content, type Dataset, openDataset } from '../../data/index.ts';
import { readingOf } from '../../evaluation/index.ts';
import type { Host } from '../host.ts';
import { checkMissing } from '../labelled.ts';
import { evenlySpread, photosOf } from '../photoset.ts';
import type { FailedItem } from '../verb.ts';

/** Photos whose true classes may be known. */
export interface LabelledSource {
  /** What they are called together. */
  readonly source: string;
  /** Of all of them, in their order. */
  readonly names: readonly string[];
  /** Those with these numbers, in their order. */
  samples(wanted: ReadonlySet<number>): AsyncIterable<LabelledSample>;
}

export interface LabelledSample {
  readonly index: number;
  readonly name: string;
  /** The true class as the model calls it. */
  readonly truth?: string | undefined;
  /** Its number. */
  readonly truthIndex?: number | undefined;
  readonly groups: Readonly<Record<string, string>>;
  content(): Promise<Content>;
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
  const { files } = host;
  const [first] = data;
  const paths = (await isOfClasses(data, host)) ? undefined : await photosOf(data, host);
  if (paths) {
    files.protect(paths);
    const chosen = evenlySpread(paths.length, most);
    return {
      source: data.length === 1 ? first : `${data.length} photos`,
      names: chosen.map((i) => paths[i]),
      async *samples(wanted) {
        for (const [index, i] of chosen.entries())
          if (wanted.has(index))
            yield {
              index,
              name: paths[i],
              groups: {},
              content: async () => ({ kind: 'file', bytes: await files.read(paths[i]) }),
            };
      },
    };
  }
  const dataset = await openDataset(first, files, {
    images,
    columns: await columnsOf(first, classifier, truthColumn, host),
  });
  files.protect(dataset.files);
  await checkMissing(dataset, skipBad, tell);
  if (dataset.size === 0) fail(first, 'it holds no photos');
  const truthOf = truthReader(dataset, classifier, truthColumn);
  const chosen = new Map(evenlySpread(dataset.size, most).map((i, index) => [i, index]));
  const named: string[] = [];
  let at = 0;
  for await (const { name } of dataset.samples()) if (chosen.has(at++)) named.push(name);
  return {
    source: dataset.name,
    names: named,
    async *samples(wanted) {
      let i = 0;
      for await (const { name, labels: own, groups, content } of dataset.samples()) {
        const index = chosen.get(i++);
        if (index === undefined || !wanted.has(index)) continue;
        const truthIndex = truthOf(own, name);
        const truth = truthIndex === undefined ? undefined : classLabel(classifier.head.labels, truthIndex);
        yield { index, name, truth, truthIndex, groups, content };
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
