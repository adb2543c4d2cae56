import { argmax } from '../classifier/rank.ts';
import { fail } from '../common/error.ts';
import { calibrationError, negativeLogLikelihood, type ReliabilityBin, reliability } from './calibration.ts';
import { type ClassMeasures, type Confusion, classMeasures, confusionOf } from './confusion.ts';
import { checkClasses, rankOf } from './prediction.ts';
import type { Answer, Result, ResultInfo } from './result.ts';

/** How good a classifier is. Shares are fractions from 0 to 1. */
export interface ClassificationMeasures {
  readonly kind: 'classes';
  readonly images: number;
  readonly accuracy: number;
  /** The share whose prediction is the true class or one beside it; for ordered classes only. */
  readonly oneOff?: number;
  /** Of images, the share whose true class is among the best k, for k = 3 and 5 as far as there are more classes. */
  readonly top: Readonly<Record<string, number>>;
  /** The mean recall of all classes that have images. */
  readonly balancedAccuracy: number;
  /** The mean F1 of all classes that have images or are predicted. */
  readonly macroF1: number;
  readonly perClass: readonly ClassMeasures[];
  /** Labels in rows, predictions in columns. */
  readonly confusion: Confusion;
  /** Mean negative log-likelihood in nats, and the calibration's error and bins; for probabilities only. */
  readonly nll?: number;
  readonly ece?: number;
  readonly reliability?: readonly ReliabilityBin[];
}

/** How good a regression is, in the units of its number. */
export interface RegressionMeasures {
  readonly kind: 'number';
  readonly images: number;
  /** Mean absolute error. */
  readonly mae: number;
  /** Mean of prediction − truth: above 0 where it says too much. */
  readonly bias: number;
  /** Root of the mean squared error. */
  readonly rmse: number;
}

/** The measures of an evaluation, of classes or of a number. */
export type Measures = ClassificationMeasures | RegressionMeasures;

/** What of a result its measures depend on, besides the answers. */
export type Kind = Pick<ResultInfo, 'model' | 'ordered' | 'probabilities'>;

/** All measures of an evaluation. Errors: no answers, or labels that are no classes. */
export const measure = ({ info, answers }: Result): Measures =>
  info.model.head.kind === 'number' ? measureNumbers(answers) : measureClasses(answers, info);

/**
 * Errors: no answers, or labels that are no classes.
 *
 * @example
 * ```ts
 * import { measureClasses } from 'limn/evaluation';
 *
 * const answers = [
 *   { image: 'a.jpg', truth: 0, scores: [0.9, 0.1], groups: {} },
 *   { image: 'b.jpg', truth: 1, scores: [0.6, 0.4], groups: {} },
 * ];
 * const { accuracy, confusion, ece } = measureClasses(answers, { ordered: false });
 * console.log(accuracy, confusion, ece);
 * ```
 */
export function measureClasses(
  answers: readonly Answer[],
  { ordered, probabilities = true }: Pick<Kind, 'ordered' | 'probabilities'>,
): ClassificationMeasures {
  const images = some(answers);
  const classes = checkClasses(answers);
  const confusion = confusionOf(answers, classes);
  const perClass = classMeasures(confusion);
  const share = (holds: (answer: Answer) => boolean) => answers.filter(holds).length / images;
  const within = (k: number) => share(({ truth, scores }) => rankOf(scores, truth) < k);
  const bins = probabilities ? reliability(answers) : undefined;
  return {
    kind: 'classes',
    images,
    accuracy: share(({ truth, scores }) => argmax(scores) === truth),
    ...(ordered && {
      oneOff: share(({ truth, scores }) => Math.abs(argmax(scores) - truth) <= 1),
    }),
    top: Object.fromEntries(
      probabilities ? [3, 5].filter((k) => k < classes).map((k) => [k, within(k)]) : [],
    ),
    balancedAccuracy: mean(perClass.flatMap(({ recall }) => recall ?? [])),
    macroF1: mean(perClass.flatMap(({ f1 }) => f1 ?? [])),
    perClass,
    confusion,
    ...(bins && { nll: negativeLogLikelihood(answers), ece: calibrationError(bins), reliability: bins }),
  };
}

/** Errors: no answers. */
export function measureNumbers(answers: readonly Answer[]): RegressionMeasures {
  const images = some(answers);
  const errors = answers.map(({ truth, scores }) => scores[0] - truth);
  return {
    kind: 'number',
    images,
    mae: mean(errors.map(Math.abs)),
    bias: mean(errors),
    rmse: Math.sqrt(mean(errors.map((error) => error ** 2))),
  };
}

const some = (answers: readonly Answer[]): number =>
  answers.length > 0
    ? answers.length
    : fail('result', 'no image was answered', 'check the data and its labels');

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
