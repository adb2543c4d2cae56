import type { ConceptReport } from '../../concepts/index.ts';
import type { FailedEvent, NoteEvent, ProgressEvent } from '../verb.ts';

/** How far the work is, and what people should know of it. */
export type ConceptsEvent = ProgressEvent | NoteEvent | FailedEvent;

/** A finished study. */
export interface ConceptsResult {
  readonly report: ConceptReport;
  /** What was written: the report, the channels of every class, the survey, sheets and the page. */
  readonly files: readonly string[];
}
