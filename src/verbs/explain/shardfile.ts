import type { Classifier } from '../../classifier/index.ts';
import type { AnalysisHead } from '../../common/analysed.ts';
import type { Shard } from '../../common/shard.ts';
import type { LoadedModel } from '../../onnx/index.ts';
import type { Host } from '../host.ts';
import { type ShardFile, shardReader, shardText, workHead } from '../shardfile.ts';
import type { ExplainRecord } from './record.ts';
import type { SaveFields } from './request.ts';

const format = 'limn explain shard 1';

/** What a shard's file holds. */
export interface ExplainShardRecord extends ShardFile {
  readonly format: typeof format;
  /** Of the shard's photos. */
  readonly record: ExplainRecord;
}

/** What tells whether shards belong together, and whether work goes on: the model, all photos, and everything that was asked of them. */
export function explainHead(
  fields: SaveFields,
  photos: readonly string[],
  {
    loaded,
    classifier,
    sha256,
  }: { readonly loaded: LoadedModel; readonly classifier: Classifier; readonly sha256: string },
  host: Host,
): AnalysisHead {
  const { model, photos: given, output: _, shard: __, threads: ___, ...asked } = fields;
  const analysed = {
    file: host.files.basename(model),
    sha256,
    network: loaded.model.graph.name,
    head: classifier.head.name,
  };
  return workHead(analysed, given[0], photos, asked, host);
}

/** What `shard.json` holds. */
export function explainShardText(
  shard: Shard,
  identity: AnalysisHead,
  record: ExplainRecord,
  host: Host,
): string {
  const made: ExplainShardRecord = { format, shard, identity, record };
  return shardText(JSON.stringify(made), host);
}

export const explainShards = shardReader<ExplainShardRecord>({ format, of: 'explanations' }, ({ record }) =>
  Array.isArray(record?.photos),
);
