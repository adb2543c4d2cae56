import * as v from 'valibot';
import { names, parquet } from '../request.ts';

/** What {@link merge} is asked. */
export const mergeRequest = v.strictObject({
  /** The folders of all shards of one piece of work, in any order. */
  shards: names,
  /** The folder to write into, as the whole work would have; of an average and of answers the file. */
  output: v.string(),
  /** Whether a table is written as Parquet, too; also where the shards were asked for it, but for those of `evaluate`. */
  parquet,
});

/** What {@link merge} is asked; a field with a question mark may be left out. */
export type MergeRequest = v.InferInput<typeof mergeRequest>;

/** The request with its defaults. */
export type MergeFields = v.InferOutput<typeof mergeRequest>;
