import { placedState } from './view.ts';

/** What the room of trainings shows. */
export interface TrainingView {
  /** Folders of runs; the first there is unless said. */
  readonly runs: readonly string[];
  /** What is drawn; loss, measures and rate where it is empty. */
  readonly what: readonly string[];
  readonly x: 'iteration' | 'time';
  /** Lines of the log whose running mean is drawn; by its length unless said. */
  readonly smooth?: number;
  readonly log: boolean;
}

const firstTraining: TrainingView = { runs: [], what: [], x: 'iteration', log: false };

const strings = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];

/** In the address, too. */
export const trainingView = placedState<TrainingView>(
  'training',
  firstTraining,
  ({ runs, what, x, smooth, log }) => ({
    runs: strings(runs),
    what: strings(what),
    x: x === 'time' ? 'time' : 'iteration',
    ...(Number.isSafeInteger(smooth) && { smooth: smooth as number }),
    log: log === true,
  }),
);

export const showTraining = (change: Partial<TrainingView>): void => {
  trainingView.value = { ...trainingView.value, ...change };
};
