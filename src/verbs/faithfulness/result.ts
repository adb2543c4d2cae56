import type { Shard } from '../../common/shard.ts';
import type { FaithfulnessReport } from '../../faithfulness/index.ts';
import type { FailedItem, NoteEvent, ProgressEvent } from '../verb.ts';

/** How far the work is, and what people should know of it. */
export type FaithfulnessEvent =
  | ProgressEvent
  | NoteEvent
  /** A photo that is missing or cannot be read. */
  | { readonly kind: 'failed'; readonly failed: FailedItem };

/** A finished analysis. */
export interface FaithfulnessResult {
  readonly report: FaithfulnessReport;
  /** What was written: the report, the values of every photo, charts. */
  readonly files: readonly string[];
}

/** A finished shard of an analysis. */
export interface FaithfulnessShard {
  readonly shard: Shard;
  /** How many photos it has, those included that were skipped. */
  readonly photos: number;
  /** What was written. */
  readonly files: readonly string[];
}
