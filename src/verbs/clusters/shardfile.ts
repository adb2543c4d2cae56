import type { HeatmapPhoto } from '../../clusters/index.ts';
import { fail } from '../../common/error.ts';
import type { Shard } from '../../common/shard.ts';
import { float32 } from '../../graph/index.ts';
import { readNpy, writeNpy } from '../../image/index.ts';
import type { Host } from '../host.ts';
import { type ShardFile, shardReader, shardText } from '../shardfile.ts';
import type { FailedItem } from '../verb.ts';
import type { ClusterIdentity } from './identity.ts';
import type { RelevanceRows } from './relevance.ts';
import type { ClustersFields } from './request.ts';

/** The rows of a shard, beside it. */
export const SHARD_ROWS_FILE = 'rows.npy';

const format = 'limn clusters shard 1';

/** What a shard's file holds. */
export interface ClustersShardRecord extends ShardFile {
  readonly format: typeof format;
  readonly identity: ClusterIdentity;
  /** What was asked, but for where to write. */
  readonly fields: Omit<ClustersFields, 'output' | 'restart'>;
  readonly shape: readonly number[];
  readonly explanation?: string | undefined;
  /** Each row's photo. */
  readonly photos: readonly (readonly [index: number, photo: HeatmapPhoto])[];
  readonly skipped: readonly FailedItem[];
  /** SHA-256 of the file of rows. */
  readonly rows: string;
}

export const clusterShards = shardReader<ClustersShardRecord>(
  { format, of: 'clusters' },
  ({ photos, skipped, shape }) => [photos, skipped, shape].every(Array.isArray),
);

/** Writes what a shard came to: its rows, then what they are. */
export async function writeClustersShard(
  [record, rowsFile]: readonly [record: string, rows: string],
  shard: Shard,
  identity: ClusterIdentity,
  { output: _, restart: __, ...fields }: ClustersFields,
  { indices, photos, features: { rows, columns, data }, shape, explanation, skipped }: RelevanceRows,
  host: Host,
): Promise<void> {
  const { files, sha256 } = host;
  const bytes = writeNpy(float32([rows, columns], data));
  await files.write(rowsFile, bytes);
  const made: ClustersShardRecord = {
    ...{ format, shard, identity, fields, shape },
    ...(explanation !== undefined && { explanation }),
    photos: photos.map((photo, i) => [indices[i], photo]),
    skipped,
    rows: sha256().update(bytes).digest(),
  };
  await files.write(record, shardText(JSON.stringify(made), host));
}

/** The rows of all shards, in the order of the photos. Errors: a file of rows that is not the shard's; shapes that differ. */
export async function rowsOfShards(
  shards: readonly (readonly [rowsFile: string, record: ClustersShardRecord])[],
  { files, sha256 }: Host,
): Promise<RelevanceRows> {
  const made = shards.filter(([, { photos }]) => photos.length > 0);
  const shape = made[0]?.[1].shape ?? [];
  const parts: Float32Array[] = [];
  for (const [path, record] of made) {
    const bytes = await files.read(path);
    if (sha256().update(bytes).digest() !== record.rows)
      fail(path, 'damaged: not the rows that the shard wrote', 'do this shard again');
    if (`${record.shape}` !== `${shape}`)
      fail(path, `its rows are ${record.shape.join('×')}, those before ${shape.join('×')}`);
    parts.push(readNpy(bytes, path).data as Float32Array);
  }
  const photos = made.flatMap(([, record]) => record.photos);
  const data = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    data.set(part, at);
    at += part.length;
  }
  return {
    indices: photos.map(([index]) => index),
    photos: photos.map(([, photo]) => photo),
    features: { rows: photos.length, columns: data.length / Math.max(1, photos.length), data },
    shape,
    explanation: made[0]?.[1].explanation,
    skipped: shards.flatMap(([, { skipped }]) => skipped),
  };
}
