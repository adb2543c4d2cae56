import Papa from 'papaparse';
import { cellText } from '../common/csv.ts';
import { fail } from '../common/error.ts';
import { checkTextSize } from '../common/limits.ts';

/** The table of a clustering's photos, beside its report. */
export const PHOTOS_FILE = 'photos.csv';

const ownColumns = ['photo', 'class', 'cluster', 'confidence'];
const lastPlace = 'umap_2';

/** The table's first columns, where photos lie in so many dimensions of the spectral embedding; what is known of photos comes behind. */
export const placeColumns = (dimensions: number): string[] => [
  ...ownColumns,
  ...Array.from({ length: dimensions }, (_, j) => `spectral_${j + 1}`),
  'pca_1',
  'pca_2',
  'umap_1',
  lastPlace,
];

/** A clustering's photos by columns, in the order of its report. */
export interface PhotoTable {
  readonly photos: readonly string[];
  /** Probabilities of what is predicted; NaN where none is known. */
  readonly confidence: Float64Array;
  /** Where photos lie, by the names of the columns; NaN for those that do not. */
  readonly places: ReadonlyMap<string, Float64Array>;
  /** What is known of photos besides, by column; empty where nothing is. */
  readonly known: ReadonlyMap<string, readonly string[]>;
}

/**
 * Reads the table of a clustering's photos. Errors name `file` and the line, counted from the header as 1: it is no such table, a
 * line has other cells than the header, or a place is no number.
 */
export function parsePhotoTable(text: string, file: string): PhotoTable {
  checkTextSize(text, file);
  const { data } = Papa.parse<string[]>(text, { delimiter: ',', skipEmptyLines: true });
  const [header = [], ...rows] = data;
  const names = header.map(cellText);
  if (ownColumns.some((name, i) => names[i] !== name) || !names.includes(lastPlace))
    fail(file, 'no table of photos of limn clusters', 'give the photos.csv that lies beside clusters.json');
  rows.forEach((row, i) => {
    if (row.length !== names.length)
      fail(
        `${file}, line ${i + 2}`,
        `${row.length} cells, the header has ${names.length}`,
        'write it anew: cluster again',
      );
  });
  const texts = (column: number) => rows.map((row) => cellText(row[column]));
  const numbers = (column: number) =>
    Float64Array.from(rows, (row, i) => {
      const value = row[column] === '' ? Number.NaN : Number(row[column]);
      if (row[column] !== '' && Number.isNaN(value))
        fail(
          `${file}, line ${i + 2}`,
          `'${names[column]}' is no number: ${row[column]}`,
          'write it anew: cluster again',
        );
      return value;
    });
  // What is known of photos comes behind their places.
  const first = names.indexOf(lastPlace) + 1;
  const columns = names.map((name, i) => [name, i] as const);
  return {
    photos: texts(0),
    confidence: numbers(3),
    places: new Map(columns.slice(ownColumns.length, first).map(([name, i]) => [name, numbers(i)])),
    known: new Map(columns.slice(first).map(([name, i]) => [name, texts(i)])),
  };
}
