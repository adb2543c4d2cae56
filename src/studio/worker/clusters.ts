import { PHOTOS_FILE, type PhotoTable, parsePhotoTable } from '../../clusters/photofile.ts';
import { CLUSTERS_FILE, parseClusters } from '../../clusters/record.ts';
import { fail } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { short } from '../../common/format.ts';
import type { GroupColumn, ShownClusters } from '../protocol/index.ts';
import { columnOfValues } from './columns.ts';
import type { AskContext } from './context.ts';

/** Columns of more different texts are names, or numbers of which parts are told apart. */
const MOST_VALUES = 20;
const PARTS = 5;

/** Reads what `limn clusters` wrote into a folder. */
export async function shownClusters(
  { folder }: { readonly folder: string },
  { host: { files } }: AskContext,
): Promise<ShownClusters> {
  const at = (name: string) => files.join(folder, name);
  const { photos, ...report } = parseClusters(
    await readText(files, at(CLUSTERS_FILE), 'a report on clusters'),
    at(CLUSTERS_FILE),
  );
  const path = at(PHOTOS_FILE);
  const table = parsePhotoTable(await readText(files, path, 'the table of its photos'), path);
  const differs = photos.findIndex(({ photo }, i) => table.photos[i] !== photo);
  if (differs >= 0 || table.photos.length !== photos.length)
    fail(path, `holds other photos than ${at(CLUSTERS_FILE)}`, 'give the two that were written together');
  return {
    report,
    photos: table.photos,
    views: viewsOf(table, Math.max(0, ...report.clusters.map(({ number }) => number))),
    columns: [
      columnOfValues(
        'class',
        photos.map((photo) => photo.class),
      ),
      columnOfValues(
        'cluster',
        photos.map(({ cluster }) => (cluster === undefined ? undefined : `${cluster}`)),
      ),
      ...[...table.known].map(([name, values]) => knownColumn(name, values)),
      numbersColumn('confidence', table.confidence),
    ].flatMap((column) => column ?? []),
  };
}

/**
 * Two dimensions of each view that photos lie in; of the spectral embedding those after the first, which is the same for all photos
 * of a graph in one part. Tables of limn 0.1 may lack a third: that view comes last then.
 */
function viewsOf({ places }: PhotoTable, clusters: number): ShownClusters['views'] {
  const hasThird = places.get('spectral_3')?.some(Number.isFinite) === true;
  const spectral = [
    'spectral',
    ...(clusters > 0 && hasThird ? [2, 3] : [1, 2]).map((j) => `spectral_${j}`),
  ] as const;
  const pairs = [
    ['umap', 'umap_1', 'umap_2'],
    ['pca', 'pca_1', 'pca_2'],
  ] as const;
  return (hasThird ? [spectral, ...pairs] : [...pairs, spectral]).flatMap(([name, first, second]) => {
    const [x, y] = [places.get(first), places.get(second)];
    return x?.some(Number.isFinite) && y?.some(Number.isFinite) ? [{ name, x, y }] : [];
  });
}

/** A column as groups: its values, or, of many numbers, parts of their range. */
function knownColumn(name: string, values: readonly string[]): GroupColumn | undefined {
  const given = values.map((value) => (value === '' ? undefined : value));
  const column = columnOfValues(name, given);
  if (!column || column.values.length <= MOST_VALUES) return column;
  return column.values.every((value) => Number.isFinite(Number(value)))
    ? numbersColumn(
        name,
        Float64Array.from(given, (value) => (value === undefined ? Number.NaN : Number(value))),
      )
    : undefined;
}

/** Numbers in parts of about as many photos each, named by their ends; −1 where there is none. */
export function numbersColumn(name: string, numbers: Float64Array): GroupColumn | undefined {
  const sorted = numbers.filter(Number.isFinite).sort();
  if (sorted.length === 0) return undefined;
  const ends = Array.from(
    { length: PARTS },
    (_, i) => sorted[Math.ceil(((i + 1) * sorted.length) / PARTS) - 1],
  ).filter((end, i, all) => i === 0 || end > all[i - 1]);
  const of = Int32Array.from(numbers, (value) => ends.findIndex((end) => value <= end));
  const least = ends.map((_, i) => sorted.find((value) => i === 0 || value > ends[i - 1])!);
  return { name, values: ends.map((end, i) => rangeText(least[i], end)), of };
}

const rangeText = (from: number, to: number): string =>
  from === to ? short(from) : `${short(from)} to ${short(to)}`;
