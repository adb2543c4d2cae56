import type { Classifier } from '../../classifier/index.ts';
import { type AnalysisHead, analysisIdentity, givenSettings } from '../../common/analysed.ts';
import { fail } from '../../common/error.ts';
import { isShard, type Shard } from '../../common/shard.ts';
import { parseVersioned } from '../../common/versioned.ts';
import type { LoadedModel } from '../../onnx/index.ts';
import type { Host } from '../host.ts';
import { ofShard, type ResultReader } from '../kept.ts';
import type { ExplainRecord } from './record.ts';
import type { SaveFields } from './request.ts';

const format = 'limn explain shard 1';

/** What a shard's file holds. */
export interface ExplainShardRecord {
  readonly format: typeof format;
  readonly shard: Shard;
  /** Of the whole. */
  readonly identity: AnalysisHead;
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
  return {
    model: {
      file: host.files.basename(model),
      sha256,
      network: loaded.model.graph.name,
      head: classifier.head.name,
    },
    data: {
      source: given[0],
      sha256: host.sha256().update(JSON.stringify(photos)).digest(),
      photos: photos.length,
      skipped: [],
    },
    settings: givenSettings(
      Object.fromEntries(
        Object.entries(asked).map(([name, value]) => [
          name,
          typeof value === 'object' ? JSON.stringify(value) : value,
        ]),
      ),
    ),
    versions: host.versions,
  };
}

/** What `shard.json` holds. */
export function explainShardText(shard: Shard, identity: AnalysisHead, record: ExplainRecord): string {
  const made: ExplainShardRecord = { format, shard, identity, record };
  return `${JSON.stringify(made)}\n`;
}

export const explainShards: ResultReader<ExplainShardRecord> = {
  what: 'a shard of explanations',
  holds: 'explanations',
  read(text, path) {
    const fix = 'do this shard again';
    const found = parseVersioned(text, path, { format, what: 'a shard of explanations', fix });
    const { shard, identity, record } = found as Partial<ExplainShardRecord>;
    if (!isShard(shard) || !identity || !Array.isArray(record?.photos))
      fail(path, 'damaged: parts are missing', fix);
    return found as ExplainShardRecord;
  },
  identityOf: ({ identity, shard }) => ofShard(analysisIdentity(identity), shard),
};
