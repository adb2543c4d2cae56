import { rows } from '../../classifier/index.ts';
import type { AnalysisHead } from '../../common/analysed.ts';
import { fail } from '../../common/error.ts';
import { keptSums, sumsOf } from '../../common/exactsum.ts';
import { SHARD_FILE, type Shard } from '../../common/shard.ts';
import { float32, size, type Tensor } from '../../graph/index.ts';
import { readNpy, writeNpy } from '../../image/index.ts';
import type { Host } from '../host.ts';
import { readFloats } from '../photos.ts';
import { type ShardFile, shardReader, shardText } from '../shardfile.ts';
import type { GatheredMaps } from './gather.ts';
import type { AverageFields } from './request.ts';

/** Beside a shard's record: its exact sums, bins × C × H × W float64, and the few maps that a figure might show. */
export const SHARD_SUMS_FILE = 'sums.npy';
export const SHARD_MAPS_FILE = 'maps.npy';

const format = 'limn average shard 1';

/** What a shard's file holds. */
export interface AverageShardRecord extends ShardFile {
  readonly format: typeof format;
  /** What was asked, but for where to write. */
  readonly fields: Omit<AverageFields, 'output'>;
  /** Absent where the shard's files hold no heatmap. */
  readonly gathered?: {
    readonly shape: readonly number[];
    readonly first: string;
    readonly maps: number;
    /** Which bins of exact sums there are. */
    readonly bins: readonly number[];
    readonly titles: readonly string[];
    readonly sizes: { readonly least: number | null; readonly most: number };
    /** The titles of the few maps that are kept. */
    readonly few: readonly string[];
    /** SHA-256 of the two files. */
    readonly sha256: string;
  };
}

export const averageShards = shardReader<AverageShardRecord>(
  { format, of: 'an average', holds: 'sums' },
  ({ fields }) => fields !== undefined,
);

/** Writes what a shard came to: the sums and few maps, then what they are. */
export async function writeAverageShard(
  folder: string,
  {
    shard,
    identity,
    fields: { output: _, ...fields },
    gathered,
  }: {
    readonly shard: Shard;
    readonly identity: AnalysisHead;
    readonly fields: AverageFields;
    readonly gathered: GatheredMaps | undefined;
  },
  host: Host,
): Promise<void> {
  const { files, sha256 } = host;
  const record = { format, shard, identity, fields };
  const write = (more: Partial<AverageShardRecord>) =>
    files.write(files.join(folder, SHARD_FILE), shardText(JSON.stringify({ ...record, ...more }), host));
  if (!gathered) return write({});
  const { sums, titles, sizes, few } = gathered;
  const { bins, values } = keptSums(sums.sums);
  const { shape, first, maps } = sums;
  const kept = writeNpy({ type: 'float64', shape: [bins.length, ...shape.slice(1)], data: values });
  const shown = writeNpy(stacked(few.map(({ map }) => map)));
  await files.write(files.join(folder, SHARD_SUMS_FILE), kept);
  await files.write(files.join(folder, SHARD_MAPS_FILE), shown);
  await write({
    gathered: {
      ...{ shape, first, maps, bins, titles: [...titles] },
      sizes: { least: Number.isFinite(sizes.least) ? sizes.least : null, most: sizes.most },
      few: few.map(({ name }) => name),
      sha256: sha256().update(kept).update(shown).digest(),
    },
  });
}

/** Maps 1×C×H×W as one tensor. */
function stacked(maps: readonly Tensor<'float32'>[]): Tensor<'float32'> {
  const [{ shape }] = maps;
  const each = size(shape);
  const data = new Float32Array(maps.length * each);
  maps.forEach((map, i) => {
    data.set(map.data, i * each);
  });
  return float32([maps.length, ...shape.slice(1)], data);
}

/** What a shard gathered. Errors: files that are not the shard's. */
export async function gatheredOf(
  folder: string,
  { gathered }: AverageShardRecord,
  host: Host,
): Promise<GatheredMaps | undefined> {
  if (!gathered) return undefined;
  const { files, sha256 } = host;
  const [kept, shown] = [SHARD_SUMS_FILE, SHARD_MAPS_FILE].map((name) => files.join(folder, name));
  const bytes = await files.read(kept);
  if (
    sha256()
      .update(bytes)
      .update(await files.read(shown))
      .digest() !== gathered.sha256
  )
    fail(
      folder,
      `damaged: ${SHARD_SUMS_FILE} or ${SHARD_MAPS_FILE} is not the shard's`,
      'do this shard again',
    );
  const { shape, first, maps, bins, titles, sizes, few } = gathered;
  const values = Float64Array.from(readNpy(bytes, kept).data, Number);
  const all = await readFloats(shown, host);
  return {
    sums: { shape, first, maps, sums: sumsOf(size(shape), { bins, values }) },
    titles: new Set(titles),
    sizes: { least: sizes.least ?? Number.POSITIVE_INFINITY, most: sizes.most },
    few: few.map((name, i) => ({ name, map: rows(all, i, i + 1) })),
  };
}
