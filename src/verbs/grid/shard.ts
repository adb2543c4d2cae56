import type { AnalysisHead } from '../../common/analysed.ts';
import { fail, failRequest } from '../../common/error.ts';
import { keptSums, sumsOf } from '../../common/exactsum.ts';
import { partsOfFile } from '../../common/files.ts';
import { SHARD_FILE, type Shard, shardRange } from '../../common/shard.ts';
import { field, words } from '../../common/words.ts';
import type { Dataset } from '../../data/index.ts';
import { openNpy } from '../../image/index.ts';
import type { Moments } from '../../report/grid-moments.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import { type ShardFile, shardReader, shardText, workHead } from '../shardfile.ts';
import { stackedSums } from '../stackedsums.ts';
import type { Watch } from '../verb.ts';
import {
  type KeptSummedColumn,
  type LeftOutCounts,
  type SummedColumn,
  type SummedModel,
  sumColumns,
} from './averages.ts';
import { checkFields, type GridEvent, namedModels, openMeans } from './grid.ts';
import { type Averages, dataOf } from './means.ts';
import { type GridFields, type GridShardRequest, gridShardRequest } from './request.ts';

const format = 'limn grid shard 1';

/** A column whose exact sums are in a file beside the record: of group after group, those of the values and of their squares. */
interface KeptColumn extends LeftOutCounts {
  readonly name: string;
  readonly models: readonly SummedModel[];
  readonly groups: readonly {
    readonly group: string;
    readonly n: number;
    readonly width: number;
    readonly height: number;
    /** Which bins of exact sums there are. */
    readonly sums: readonly number[];
    readonly squares: readonly number[];
  }[];
  readonly file: string;
  /** SHA-256 of that file. */
  readonly sha256: string;
}

/** What a shard's file holds. */
export interface GridShardRecord extends ShardFile {
  readonly format: typeof format;
  /** What was asked, but for where to write. */
  readonly fields: Omit<GridFields, 'output'>;
  /** Of all pictures. */
  readonly data: Averages['data'];
  readonly columns: readonly KeptColumn[];
}

export const gridShards = shardReader<GridShardRecord>(
  { format, of: 'a grid', holds: 'sums' },
  ({ fields, data, columns }) => fields !== undefined && data !== undefined && Array.isArray(columns),
);

/** A part of the pictures that averages are over. */
export interface GridShard {
  readonly shard: Shard;
  /** How many pictures it has. */
  readonly photos: number;
  readonly files: readonly string[];
}

/** The file of a column's sums. */
const sumsFile = (column: number): string => `sums-${column + 1}.npy`;

/**
 * Sums the heatmaps of a part of labelled pictures up, as `grid` those of all. Writes `shard.json` and the sums into the folder
 * `output`, which `merge` takes: sums are exact, so that the averages of all pictures come out to the last bit, however these were
 * divided. Errors: as there; photos instead of data; fewer pictures than shards.
 */
export async function gridShard(
  request: GridShardRequest,
  host: Host,
  watch: Watch<GridEvent> = {},
): Promise<GridShard> {
  const { shard, ...fields } = checkRequest(gridShardRequest, request, watch.signal);
  checkFields(fields);
  if (fields.means === undefined)
    failRequest(words`${field('shard')}`, 'a grid of photos is one picture', words`give ${field('means')}`);
  const { output } = fields;
  const { files } = host;
  const models = namedModels(fields, host);
  const dataset = await openMeans(fields, host, watch);
  const range = shardRange(dataset.size, shard, words`${field('shard')}`, 'pictures');
  const path = files.join(output, SHARD_FILE);
  const names = new Set(models.map(({ name }) => name));
  await files.makeFolder(output);
  files.protect(fields.models);
  await files.claim([path, ...Array.from(names, (_, i) => files.join(output, sumsFile(i)))]);
  const columns: KeptColumn[] = [];
  for await (const column of sumColumns(models, { dataset, ...range }, fields, host, watch))
    columns.push(await keepColumn(column, output, sumsFile(columns.length), host));
  const identity = await gridHead(fields, dataset, columns, host);
  const { output: _, ...asked } = fields;
  const data = dataOf(dataset);
  const record: GridShardRecord = { format, shard, identity, fields: asked, data, columns };
  await files.write(path, shardText(JSON.stringify(record), host));
  return { shard, photos: range.to - range.from, files: [path] };
}

/** Writes a column's sums, and says what is in the file. */
async function keepColumn(
  { name, models, sums, withoutTruth, withoutGroup }: SummedColumn & LeftOutCounts,
  folder: string,
  file: string,
  { files, sha256 }: Host,
): Promise<KeptColumn> {
  const kept = [...sums].map(([group, moments]) => ({
    ...{ group, n: moments.n, width: moments.width, height: moments.height },
    ...{ sums: keptSums(moments.sums), squares: keptSums(moments.squares) },
  }));
  const bytes = stackedSums(kept.flatMap(({ sums: sum, squares }) => [sum, squares]));
  await files.write(files.join(folder, file), bytes);
  return {
    ...{ name, models, withoutTruth, withoutGroup },
    groups: kept.map((each) => ({ ...each, sums: each.sums.bins, squares: each.squares.bins })),
    ...{ file, sha256: sha256().update(bytes).digest() },
  };
}

/** Opens a column of a shard, whose sums are read group by group. Errors: the file of the sums is not the shard's. */
export async function openKeptColumn(
  folder: string,
  { name, models, groups, file, sha256: expected }: KeptColumn,
  { files, sha256 }: Host,
): Promise<KeptSummedColumn> {
  const path = files.join(folder, file);
  const hash = sha256();
  for await (const bytes of partsOfFile(files, path)) hash.update(bytes);
  if (hash.digest() !== expected) fail(path, "damaged: it is not the shard's", 'do this shard again');
  const kept = await openNpy(await files.open(path), path);
  const places = new Map<string, { readonly from: number; readonly group: KeptColumn['groups'][number] }>();
  let end = 0;
  for (const group of groups) {
    places.set(group.group, { from: end, group });
    end += group.width * group.height * (group.sums.length + group.squares.length);
  }
  return {
    ...{ name, models },
    async moments(wanted) {
      const place = places.get(wanted);
      if (!place) return undefined;
      const { n, width, height, sums, squares } = place.group;
      const length = width * height;
      const read = async (from: number, bins: readonly number[]): Promise<Moments['sums']> => {
        const { data } = await kept.items(from, from + length * bins.length);
        return sumsOf(length, { bins, values: Float64Array.from(data, Number) });
      };
      return {
        ...{ n, width, height },
        sums: await read(place.from, sums),
        squares: await read(place.from + length * sums.length, squares),
      };
    },
  };
}

async function gridHead(
  { models: _, output: __, means, images: ___, threads: ____, ...asked }: GridFields,
  dataset: Dataset,
  columns: readonly KeptColumn[],
  host: Host,
): Promise<AnalysisHead> {
  const records = columns.flatMap(({ models }) => models.map(({ record }) => record));
  const all = (of: (record: (typeof records)[number]) => string) => records.map(of).join(', ');
  const model = {
    file: all(({ file }) => host.files.basename(file)),
    sha256: all(({ sha256 }) => sha256),
    network: all(({ network }) => network),
    head: all(({ head }) => head),
  };
  const pictures: unknown[] = [];
  for await (const { name, labels, groups } of dataset.samples()) pictures.push([name, labels, groups]);
  return workHead(model, means ?? '', pictures, asked, host);
}
