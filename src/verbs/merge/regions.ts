import type { Host } from '../host.ts';
import type { RegionsResult } from '../regions/index.ts';
import { regionFiles, writeRegions } from '../regions/regions.ts';
import { regionsRequest } from '../regions/request.ts';
import { joinMeasured, measuredOf, regionsShards } from '../regions/shard.ts';
import { checkRequest } from '../request.ts';
import type { MergeFields } from './request.ts';
import { readShards } from './shards.ts';

/** Puts what shards measured together and says what it comes to: what is written is the whole's, to the last bit. */
export async function mergeRegions(
  { shards: folders, output, parquet }: MergeFields,
  host: Host,
): Promise<RegionsResult> {
  const parts = await readShards(folders, regionsShards, host);
  const asked = parts[0].record.fields;
  const fields = checkRequest(regionsRequest, { ...asked, parquet: parquet || asked.parquet, output });
  const measured = [];
  for (const { folder, record } of parts) measured.push(await measuredOf(folder, record, host));
  await host.files.makeFolder(output);
  await host.files.claim(regionFiles(fields, host));
  return writeRegions(joinMeasured(measured), fields, host);
}
