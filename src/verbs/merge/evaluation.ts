import { completeShards } from '../../common/shard.ts';
import { measure, readResultShard, resultFiles, writeResult } from '../../evaluation/index.ts';
import type { EvaluatedModel } from '../evaluate/index.ts';
import { identityOf } from '../evaluate/info.ts';
import { answersIn, writeAnswersParquet } from '../evaluate/parquet.ts';
import type { Host } from '../host.ts';
import { parquetPaths } from '../parquet.ts';
import type { MergeFields } from './request.ts';

/** Puts the shards of an evaluation together; what is written is the whole evaluation's, to the last bit. */
export async function mergeEvaluation(
  { shards: folders, output, parquet }: MergeFields,
  host: Host,
): Promise<EvaluatedModel> {
  const read = await Promise.all(folders.map((folder) => readResultShard(folder, host)));
  const parts = completeShards(
    read.map((part, i) => [
      folders[i],
      { ...part, identity: identityOf(part.info), versions: part.info.versions },
    ]),
  );
  const [{ info }] = parts;
  const skipped = parts.flatMap((part) => part.info.skipped ?? []);
  const result = {
    info: skipped.length > 0 ? { ...info, skipped } : info,
    answers: parts.flatMap(({ answers }) => answers),
  };
  const measures = measure(result);
  await host.files.makeFolder(output);
  const asked = { parquet };
  await host.files.claim([
    ...resultFiles(output, host.files),
    ...parquetPaths(answersIn(output, host), asked),
  ]);
  await writeResult(output, result, host, { ...measures });
  await writeAnswersParquet(output, result, asked, host);
  return { folder: output, result, measures };
}
