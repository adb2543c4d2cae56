import type { Shard } from '../../common/shard.ts';
import type { FoldMeasures, Measures, Result } from '../../evaluation/index.ts';
import type { FailedEvent, NoteEvent, ProgressEvent } from '../verb.ts';

/** A finished evaluation of one model on one data set. */
export interface EvaluatedModel {
  /** The result folder. */
  readonly folder: string;
  readonly result: Result;
  readonly measures: Measures;
}

/** A finished shard of an evaluation, of which nothing is measured yet. */
export interface EvaluatedShard extends Omit<EvaluatedModel, 'measures'> {
  readonly shard: Shard;
}

/** One model on all folds. */
export interface EvaluatedFolds {
  readonly folds: readonly EvaluatedModel[];
  /** The measures' spread over the folds, and those of all photos as one. */
  readonly measures: FoldMeasures;
}

/** What was measured of each model and each fold. */
export interface EvaluateResult {
  /** Fold by fold, in each the models in the order of the request. */
  readonly models: readonly EvaluatedModel[];
  /** Model by model; none where no folds were asked for. */
  readonly folded: readonly EvaluatedFolds[];
  /** In place of `models`, where a shard was asked for. */
  readonly shards: readonly EvaluatedShard[];
}

/** How far the work is, and what people should know of it. */
export type EvaluateEvent =
  | ProgressEvent
  | NoteEvent
  /** A photo that is missing or cannot be read. */
  | FailedEvent;
