import { writeAnswers } from '../classify/classify.ts';
import type { ClassifyResult } from '../classify/index.ts';
import { classifyShards } from '../classify/shard.ts';
import type { Host } from '../host.ts';
import { readShards } from './shards.ts';

/** Puts the answers of shards together and writes them into the file `output`, as the document that scripts read. */
export async function mergeClassify(
  folders: readonly string[],
  output: string,
  host: Host,
): Promise<ClassifyResult> {
  const parts = await readShards(folders, classifyShards, host);
  const result = { ...parts[0].record.result, photos: parts.flatMap(({ record }) => record.result.photos) };
  await host.files.claim([output]);
  return writeAnswers(result, output, host);
}
