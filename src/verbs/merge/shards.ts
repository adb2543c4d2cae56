import { type AnalysisHead, analysisIdentity } from '../../common/analysed.ts';
import { readText } from '../../common/files.ts';
import type { Identity } from '../../common/journal.ts';
import { completeShards, SHARD_FILE, type Shard } from '../../common/shard.ts';
import type { Host } from '../host.ts';
import type { ResultReader } from '../kept.ts';
import { checkShardText } from '../shardfile.ts';

/** What all shards of analyses say of themselves. */
interface HeadedShard {
  readonly shard: Shard;
  readonly identity: AnalysisHead;
}

/** A shard that was read, and where it is. */
export interface ReadShard<T> {
  readonly folder: string;
  readonly record: T;
  readonly shard: Shard;
  /** Of the whole. */
  readonly identity: Identity;
  readonly versions: Readonly<Record<string, string>>;
}

/** Reads the shards of one piece of work, and puts them in their order. Errors: as of {@link completeShards}; a damaged file. */
export async function readShards<T extends HeadedShard>(
  folders: readonly string[],
  { what, read }: ResultReader<T>,
  host: Host,
): Promise<readonly ReadShard<T>[]> {
  const { files } = host;
  const parts: (readonly [string, ReadShard<T>])[] = [];
  for (const folder of folders) {
    const path = files.join(folder, SHARD_FILE);
    const text = await readText(files, path, what);
    const record = read(text, path);
    checkShardText(text, path, host);
    const { shard, identity } = record;
    parts.push([
      folder,
      { folder, record, shard, identity: analysisIdentity(identity), versions: identity.versions },
    ]);
  }
  return completeShards(parts);
}
