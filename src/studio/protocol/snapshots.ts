import type { ProgressRow } from '../../report/index.ts';
import type { ClassifiedPhoto, FailedItem } from '../../verbs/index.ts';
import type { CaffePlan } from './preparations.ts';

/* What the page says and is told of snapshots of trainings: what each of them answers of the same photos. */

/** A snapshot with what makes a network of its weights, and the photos that it is asked about. */
export interface SnapshotAsk {
  readonly plan: CaffePlan;
  readonly photos: readonly string[];
}

/** What a snapshot answers, in the order of the photos, and what is to be known of its import. */
export interface SnapshotAnswers {
  readonly photos: readonly (ClassifiedPhoto | FailedItem)[];
  readonly notes: readonly string[];
}

/** One photo as a snapshot sees it. */
export interface SnapshotHeatAsk {
  readonly plan: CaffePlan;
  readonly photo: string;
  readonly target: string;
  readonly head?: string;
}

/** Answers over iterations, as a chart: in the page's colours, or on paper. */
export interface AnswerCurvesAsk {
  readonly rows: readonly ProgressRow[];
  /** Of a panel, in pixels. */
  readonly width: number;
  readonly paper: boolean;
}
