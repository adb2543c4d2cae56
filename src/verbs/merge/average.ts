import { fail } from '../../common/error.ts';
import { type AverageResult, writeAverage } from '../average/average.ts';
import { joinMaps } from '../average/gather.ts';
import { averageRequest } from '../average/request.ts';
import { averageShards, gatheredOf } from '../average/shardfile.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import { readShards } from './shards.ts';

/** Puts the sums of shards together and writes their mean into the file `output`: that of one piece, to the last bit. */
export async function mergeAverages(
  folders: readonly string[],
  output: string,
  host: Host,
): Promise<AverageResult> {
  const parts = await readShards(folders, averageShards, host);
  const fields = checkRequest(averageRequest, { ...parts[0].record.fields, output });
  const gathered = [];
  for (const { folder, record } of parts) gathered.push((await gatheredOf(folder, record, host)) ?? []);
  const [first, ...others] = gathered.flat();
  if (!first) fail(folders[0], 'no shard has a heatmap');
  const all = others.reduce(joinMaps, first);
  await host.files.claim([output]);
  return writeAverage(all, fields, host);
}
