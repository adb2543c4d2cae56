import type { Shard } from '../../common/shard.ts';
import type { ConceptReport } from '../../concepts/index.ts';
import type { FailedEvent, NoteEvent, ProgressEvent } from '../verb.ts';

/** How far the work is, and what people should know of it. */
export type ConceptsEvent = ProgressEvent | NoteEvent | FailedEvent;

/** A finished analysis. */
export interface ConceptsResult {
  readonly report: ConceptReport;
  /** What was written: the report, the channels of every class, the survey, sheets and the page. */
  readonly files: readonly string[];
}

/** A shard of an analysis that is done: its photos are surveyed. */
export interface ConceptsShard {
  readonly shard: Shard;
  readonly photos: number;
  readonly files: readonly string[];
}
