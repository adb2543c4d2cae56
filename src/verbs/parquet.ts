import { partsOfFile } from '../common/files.ts';
import type { ColumnType } from '../common/parquet.ts';
import type { Host } from './host.ts';

/** What the columns of a table hold; those that are not named are numbers, or what `others` says. */
export interface TableColumns {
  readonly named: Readonly<Record<string, ColumnType>>;
  readonly others?: (name: string) => ColumnType;
}

/** The tables that verbs write, by their files' names. */
export const tableColumns = {
  answers: {
    named: { image: 'text', person: 'text', fold: 'text' },
    others: (name) => (name.startsWith('group_') ? 'text' : 'number'),
  },
  values: { named: { photo: 'text', method: 'text' } },
  photos: {
    named: { photo: 'text', class: 'text', cluster: 'whole', confidence: 'number' },
    // What is known of photos comes from anywhere.
    others: (name) => (/^(?:spectral|pca|umap)_\d+$/.test(name) ? 'number' : 'text'),
  },
  channels: { named: { layer: 'text', class: 'text', channel: 'whole', photos: 'whole' } },
  faces: {
    named: {
      file: 'text',
      photo: 'text',
      face: 'whole',
      remarks: 'text',
      size: 'whole',
      transform: 'numbers',
      landmarks: 'numbers',
    },
  },
  regions: { named: { model: 'text', photo: 'text', target: 'text', region: 'text' } },
} as const satisfies Readonly<Record<string, TableColumns>>;

/** The Parquet file beside a CSV table, if it is asked for: `values.parquet` of `values.csv`. */
export const parquetPaths = (csv: string, { parquet }: { readonly parquet: boolean }): readonly string[] =>
  parquet ? [`${csv.replace(/\.csv$/, '')}.parquet`] : [];

/**
 * Writes a CSV table that is there as Parquet besides, if it is asked for; returns the files that there are now: one or none. The
 * CSV is what limn reads back, so that both hold the same.
 */
export async function writeParquet(
  csv: string,
  { named, others }: TableColumns,
  asked: { readonly parquet: boolean },
  { files }: Host,
): Promise<readonly string[]> {
  const paths = parquetPaths(csv, asked);
  if (paths.length === 0) return paths;
  const { parquetOf } = await import('../common/parquet.ts');
  const typeOf = (name: string): ColumnType =>
    Object.hasOwn(named, name) ? named[name] : (others?.(name) ?? 'number');
  const bytes = await parquetOf(textOfFile(csv, files), typeOf, csv);
  for (const path of paths) await files.write(path, bytes);
  return paths;
}

async function* textOfFile(path: string, files: Host['files']): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  for await (const bytes of partsOfFile(files, path)) yield decoder.decode(bytes, { stream: true });
  yield decoder.decode();
}
