import { argmax } from '../../classifier/rank.ts';

import type { Answer, ResultInfo } from '../result.ts';
import type { OutcomeInfo } from './comparison.ts';

/** What one answer contributes to a measure that is a mean over images: 1 or 0 for shares. */
export interface Outcome extends OutcomeInfo {
  readonly of: (answer: Answer) => number;
}

const accuracy: Outcome = {
  name: 'accuracy',
  title: 'accuracy',
  kind: 'share',
  better: 'higher',
  of: ({ truth, scores }) => (argmax(scores) === truth ? 1 : 0),
};

const oneOff: Outcome = {
  name: 'oneOff',
  title: 'one-off accuracy',
  kind: 'share',
  better: 'higher',
  of: ({ truth, scores }) => (Math.abs(argmax(scores) - truth) <= 1 ? 1 : 0),
};

const mae: Outcome = {
  name: 'mae',
  title: 'mean absolute error',
  kind: 'number',
  better: 'lower',
  of: ({ truth, scores }) => Math.abs(scores[0] - truth),
};

/** The measures to compare results by, the main one first. */
export function outcomesOf({ model, ordered }: Pick<ResultInfo, 'model' | 'ordered'>): Outcome[] {
  if (model.head.kind === 'number') return [mae];
  return ordered ? [accuracy, oneOff] : [accuracy];
}
