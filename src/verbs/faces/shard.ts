import { analysisIdentity } from '../../common/analysed.ts';
import { SHARD_FILE, type Shard, shardRange } from '../../common/shard.ts';
import { field, words } from '../../common/words.ts';
import type { Host } from '../host.ts';
import { ofShard } from '../kept.ts';
import { checkRequest } from '../request.ts';
import { type ShardFile, shardReader, shardText } from '../shardfile.ts';
import type { Watch } from '../verb.ts';
import { type FacesEvent, type FacesResult, openFaces } from './faces.ts';
import { facesHead } from './head.ts';
import { type FacesShardRequest, facesShardRequest } from './request.ts';
import { keptFacesFile, openKeptFaces } from './unfinished.ts';

const format = 'limn faces shard 1';

/** What a shard's file holds. */
export interface FacesShardRecord extends ShardFile {
  readonly format: typeof format;
  /** Whether the whole has a table as Parquet, too. */
  readonly parquet: boolean;
  /** Of the shard's photos; the files are in its folder. */
  readonly photos: FacesResult['photos'];
}

/** A part of photos that was looked through. */
export interface FacesShard {
  readonly shard: Shard;
  /** How many photos it has. */
  readonly photos: number;
  readonly files: readonly string[];
}

export const facesShards = shardReader<FacesShardRecord>({ format, of: 'faces' }, ({ photos }) =>
  Array.isArray(photos),
);

/**
 * Finds and cuts out the faces of a part of the photos, under the names that they have in one piece. Writes `shard.json` into the
 * folder `output`, which `merge` takes, with the tables and the sheet left to that. Errors: as of {@link faces}; fewer photos than
 * shards.
 */
export async function facesShard(
  request: FacesShardRequest,
  host: Host,
  watch: Watch<FacesEvent> = {},
): Promise<FacesShard> {
  const { shard, ...fields } = checkRequest(facesShardRequest, request, watch.signal);
  const { files } = host;
  const { photos, model, run } = await openFaces(fields, host);
  const range = shardRange(photos.length, shard, words`${field('shard')}`);
  const path = files.join(fields.output, SHARD_FILE);
  await files.claim([path, keptFacesFile(fields, host)]);
  const identity = await facesHead(fields, photos, model, host);
  const kept = await openKeptFaces(fields, ofShard(analysisIdentity(identity), shard), host);
  const found = await run(range, kept, watch);
  const record: FacesShardRecord = { format, shard, identity, parquet: fields.parquet, photos: found.photos };
  await files.write(path, shardText(JSON.stringify(record), host));
  await kept.remove();
  return { shard, photos: range.to - range.from, files: [path] };
}
