import { analysisIdentity } from '../../common/analysed.ts';
import { readText } from '../../common/files.ts';
import { completeShards, SHARD_FILE } from '../../common/shard.ts';
import type { FaithfulnessResult } from '../faithfulness/index.ts';
import { analysisFiles, parseAnalysisShard, writeAnalysis } from '../faithfulness/store.ts';
import type { Host } from '../host.ts';
import { parquetPaths } from '../parquet.ts';
import { checkShardText } from '../shardfile.ts';
import type { MergeFields } from './request.ts';

/** Puts the shards of an analysis of faithfulness together; what is written is the whole analysis's, to the last bit. */
export async function mergeFaithfulness(
  { shards: folders, output, parquet }: MergeFields,
  host: Host,
): Promise<FaithfulnessResult> {
  const { files } = host;
  const read = await Promise.all(
    folders.map(async (folder) => {
      const path = files.join(folder, SHARD_FILE);
      const text = await readText(files, path, 'a shard of an analysis');
      const { shard, made } = parseAnalysisShard(text, path);
      checkShardText(text, path, host);
      return [
        folder,
        { shard, made, identity: analysisIdentity(made.identity), versions: made.identity.versions },
      ] as const;
    }),
  );
  const parts = completeShards(read);
  // In the order in which one run makes them.
  const entries = new Map(parts.flatMap(({ made }) => [...made.entries]).sort(([a], [b]) => a - b));
  await files.makeFolder(output);
  const [{ made }] = parts;
  const fields = { ...made.fields, parquet: parquet || made.fields.parquet };
  const [record, table] = analysisFiles(output, files);
  await files.claim([record, table, ...parquetPaths(table, fields)]);
  return writeAnalysis({ ...made, fields, entries }, output, host);
}
