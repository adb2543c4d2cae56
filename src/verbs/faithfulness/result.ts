import type { FaithfulnessReport } from '../../faithfulness/index.ts';
import type { FailedItem, NoteEvent, ProgressEvent } from '../verb.ts';

export type FaithfulnessEvent =
  | ProgressEvent
  | NoteEvent
  /** A photo that is missing or cannot be read. */
  | { readonly kind: 'failed'; readonly failed: FailedItem };

/** A finished study. */
export interface FaithfulnessResult {
  readonly report: FaithfulnessReport;
  /** What was written: the report, the values of every photo, charts. */
  readonly files: readonly string[];
}
