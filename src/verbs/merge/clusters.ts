import { analysisIdentity } from '../../common/analysed.ts';
import { fail } from '../../common/error.ts';
import { differences } from '../../common/journal.ts';
import { clusterFiles, writeClusters } from '../clusters/clusters.ts';
import { type ClustersEvent, type ClustersResult, clustersRequest } from '../clusters/index.ts';
import { collectedOf } from '../clusters/relevance.ts';
import { clusterShards, rowsOfShards, SHARD_ROWS_FILE } from '../clusters/shardfile.ts';
import { openHeatmapWork } from '../clusters/work.ts';
import type { Host } from '../host.ts';
import { parquetPaths } from '../parquet.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import type { MergeFields } from './request.ts';
import { readShards } from './shards.ts';

/**
 * Finds the clusters of heatmaps that shards made; what is written is the whole's, to the last bit. Of the model and the
 * photos, which must be where the shards found them, only those are read that are shown.
 */
export async function mergeClusters(
  { shards: folders, output, parquet }: MergeFields,
  host: Host,
  watch: Watch<ClustersEvent>,
): Promise<ClustersResult> {
  const { files } = host;
  const parts = await readShards(folders, clusterShards, host);
  const [{ record, identity }] = parts;
  const fields = checkRequest(clustersRequest, {
    ...record.fields,
    parquet: parquet || record.fields.parquet,
    output,
  });
  const { source, classifier, identity: now } = await openHeatmapWork(fields, host, watch);
  const other = differences(identity, analysisIdentity(now));
  if (other.length > 0)
    fail(parts[0].folder, ['made with another ', ...other, ' than is there now'], 'make the shards anew');
  const rows = await rowsOfShards(
    parts.map((part) => [files.join(part.folder, SHARD_ROWS_FILE), part.record]),
    host,
  );
  await files.makeFolder(output);
  const written = clusterFiles(output, files);
  await files.claim([...written, ...parquetPaths(written[2], fields)]);
  return writeClusters(now, collectedOf(rows, source, classifier, host), fields, host, watch);
}
