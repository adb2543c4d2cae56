import { fail } from '../../common/error.ts';
import { SHARD_FILE } from '../../evaluation/index.ts';
import type { EvaluatedModel } from '../evaluate/index.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { mergeEvaluation } from './evaluation.ts';
import { type MergeRequest, mergeRequest } from './request.ts';

/** What shards were of. */
export type MergedKind = 'evaluate';

export type MergeResult = { readonly kind: 'evaluate'; readonly evaluated: EvaluatedModel };

/**
 * Puts shards of one piece of work together, which verbs made that were asked for a `shard` each; what it writes is what
 * one run without shards writes, to the last bit. Errors, before anything is written: shards of different models, data,
 * settings or versions; some that are missing or there twice.
 */
export async function merge(
  request: MergeRequest,
  host: Host,
  { signal }: Watch<never> = {},
): Promise<MergeResult> {
  const { shards, output } = checkRequest(mergeRequest, request, signal);
  for (const folder of shards) {
    const path = host.files.join(folder, SHARD_FILE);
    if ((await host.files.kindOf(path)) !== 'file')
      fail(folder, `no shard: it holds no ${SHARD_FILE}`, 'give the folders of shards');
  }
  return { kind: 'evaluate', evaluated: await mergeEvaluation(shards, output, host) };
}
