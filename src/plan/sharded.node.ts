import { fail } from '../common/error.ts';
import type { Draft } from './draft.ts';
import type { Stage } from './spec.ts';
import { type CaseOf, stageValues } from './stage.node.ts';
import { inFolder, type PlannedPath } from './value.ts';

/** Work on a case's model: in one piece, or in shards and what puts them together. */
export interface ShardedDrafts {
  readonly shards: readonly Draft[];
  /** The whole; of the folders in which the shards are, if there are any. */
  readonly whole: (shards: readonly PlannedPath[]) => Draft;
}

/** The folder of a shard's result, in its unit's folder. */
export const shardFolder = 'shard';

/** The most shards of a piece of work. */
const mostShards = 1000;

/** Divides work as its stage says: `verb` does a shard, which writes these files into its folder. */
export function inShards(
  whole: Draft,
  stage: Stage,
  given: CaseOf,
  { verb, outputs: written }: { readonly verb: string; readonly outputs: readonly string[] },
): ShardedDrafts {
  const of = stageValues(stage, given).number('shards');
  if (of === undefined) return { shards: [], whole: () => whole };
  if (!Number.isInteger(of) || of < 2 || of > mostShards)
    fail(stage.where, `'shards': expected a number from 2 to ${mostShards}, got ${of}`);
  const shards = Array.from(
    { length: of },
    (_, i): Draft => ({
      ...whole,
      verb,
      label: `${whole.label}-${i + 1}-of-${of}`,
      request: { ...whole.request, shard: { index: i + 1, of }, output: inFolder(shardFolder) },
      outputs: written.map((name) => `${shardFolder}/${name}`),
    }),
  );
  const { label, outputs, request } = whole;
  return {
    shards,
    whole: (folders) => ({
      ...{ kind: 'merge', label, verb: 'merge', outputs, inputs: [] },
      request: { shards: folders, output: request.output },
    }),
  };
}
