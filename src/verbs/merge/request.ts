import * as v from 'valibot';
import { names } from '../request.ts';

/** What {@link merge} is asked. */
export const mergeRequest = v.strictObject({
  /** The folders of all shards of one piece of work, in any order. */
  shards: names,
  /** The folder to write into, as the whole work would have; of an average the file. */
  output: v.string(),
});

/** What {@link merge} is asked; a field with a question mark may be left out. */
export type MergeRequest = v.InferInput<typeof mergeRequest>;
