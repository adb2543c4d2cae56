import { SHARD_FILE, type Shard } from '../../common/shard.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import { type ShardFile, shardReader, shardText, wholeModel, workHead } from '../shardfile.ts';
import type { Watch } from '../verb.ts';
import { openClassify } from './classify.ts';
import { type ClassifyShardRequest, classifyShardRequest } from './request.ts';
import type { ClassifyEvent, ClassifyResult } from './result.ts';

const format = 'limn classify shard 1';

/** What a shard's file holds. */
export interface ClassifyShardRecord extends ShardFile {
  readonly format: typeof format;
  /** Of the shard's photos. */
  readonly result: ClassifyResult;
}

/** A part of photos that was classified. */
export interface ClassifyShard {
  readonly shard: Shard;
  /** How many photos it has. */
  readonly photos: number;
  readonly files: readonly string[];
}

export const classifyShards = shardReader<ClassifyShardRecord>(
  { format, of: 'classify', holds: 'answers' },
  ({ result }) => Array.isArray(result?.photos),
);

/**
 * Classifies a part of the photos, as {@link classify} all of them. Writes `shard.json` into the folder `output`, which `merge`
 * takes. Errors: as there; fewer photos than shards; a prepared batch.
 */
export async function classifyShard(
  request: ClassifyShardRequest,
  host: Host,
  watch: Watch<ClassifyEvent> = {},
): Promise<ClassifyShard> {
  const { output, ...fields } = checkRequest(classifyShardRequest, request, watch.signal);
  const { files } = host;
  const { loaded, photos, part, run } = await openClassify(fields, host, watch);
  const path = files.join(output, SHARD_FILE);
  await files.makeFolder(output);
  files.protect([fields.model, ...photos]);
  await files.claim([path]);
  const { model, photos: given, shard, threads: _, ...asked } = fields;
  const identity = workHead(await wholeModel(model, loaded, host), given[0], photos, asked, host);
  const result = await run();
  const record: ClassifyShardRecord = { format, shard, identity, result };
  await files.write(path, shardText(JSON.stringify(record), host));
  return { shard, photos: part.length, files: [path] };
}
