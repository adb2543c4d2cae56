import { analysisIdentity } from '../../common/analysed.ts';
import { failRequest } from '../../common/error.ts';
import { SHARD_FILE, shardRange } from '../../common/shard.ts';
import { field, words } from '../../common/words.ts';
import type { Host } from '../host.ts';
import { keptResult, ofShard } from '../kept.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { type ClustersShardRequest, clustersShardRequest } from './request.ts';
import type { ClustersEvent, ClustersShard } from './result.ts';
import { clusterShards, SHARD_ROWS_FILE, writeClustersShard } from './shardfile.ts';
import { checkSources, explainedRows, openHeatmapWork, unfinishedFiles } from './work.ts';

/**
 * Explains a part of the photos for `clusters` with the same request. Writes `shard.json` with `rows.npy`, which
 * `merge` takes: it finds the clusters of all shards together. Errors: as there; heatmaps that are there already; fewer
 * photos than shards.
 */
export async function clustersShard(
  request: ClustersShardRequest,
  host: Host,
  watch: Watch<ClustersEvent> = {},
): Promise<ClustersShard> {
  const { shard, ...fields } = checkRequest(clustersShardRequest, request, watch.signal);
  checkSources(fields);
  if (fields.heatmaps)
    failRequest(words`${field('shard')}`, 'the heatmaps are there already', 'give them all at once');
  const { files } = host;
  const { output, restart } = fields;
  const written = [files.join(output, SHARD_FILE), files.join(output, SHARD_ROWS_FILE)] as const;
  const unfinished = unfinishedFiles(output, files);
  await files.makeFolder(output);
  files.resume([...written, ...unfinished]);
  const work = await openHeatmapWork(fields, host, watch);
  const { identity, source } = work;
  const { from, to } = shardRange(source.names.length, shard, source.source);
  const result = { shard, photos: to - from, files: written };
  const wanted = ofShard(analysisIdentity(identity), shard);
  if (!restart && (await keptResult(written[0], wanted, clusterShards, host))) return result;
  await files.claim([...written, ...unfinished]);
  if (restart) for (const path of unfinished) await files.remove(path);
  const rows = await explainedRows(work, shard, fields, host, watch);
  await writeClustersShard(written, shard, identity, fields, rows, host);
  for (const path of unfinished) await files.remove(path);
  return result;
}
