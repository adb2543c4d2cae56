import { fail } from '../common/error.ts';
import { type Kind, type Measures, measureClasses, measureNumbers } from './measures.ts';
import type { Answer } from './result.ts';

/** A measure over folds: the mean of the folds' values, each counted once, and their population standard deviation. */
export interface Spread {
  readonly mean: number;
  readonly sd: number;
}

/** An evaluation in folds: each on its own, the spread of what is one number, and all answers as one. */
export interface FoldMeasures {
  readonly folds: Readonly<Record<string, Measures>>;
  readonly spread: Readonly<Record<string, Spread>>;
  readonly pooled: Measures;
}

/** Mean and population standard deviation (divided by n, as the paper's). Errors: no values. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) fail('folds', 'there are none');
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, sd: Math.sqrt(variance) };
}

/** Answers by their fold, in the order of the folds' names (numbers as numbers); those of no fold are left out. */
export function byFold(answers: readonly Answer[]): Map<string, Answer[]> {
  const folds = new Map<string, Answer[]>();
  for (const answer of answers) {
    if (answer.fold === undefined) continue;
    const fold = folds.get(answer.fold);
    if (fold) fold.push(answer);
    else folds.set(answer.fold, [answer]);
  }
  const compare = new Intl.Collator('en', { numeric: true }).compare;
  return new Map([...folds].sort(([a], [b]) => compare(a, b)));
}

/** Measures of every fold, over folds and of all images at once. Errors: as of {@link measureClasses}; no folds. */
export function measureFolds(folds: ReadonlyMap<string, readonly Answer[]>, kind: Kind): FoldMeasures {
  const of = (answers: readonly Answer[]): Measures =>
    kind.model.head.kind === 'number' ? measureNumbers(answers) : measureClasses(answers, kind);
  const each = new Map([...folds].map(([fold, answers]) => [fold, of(answers)]));
  const all = [...each.values()];
  const scalar = (measures: Measures | undefined): [string, number][] =>
    Object.entries(measures ?? {}).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number' && entry[0] !== 'images',
    );
  const spread = scalar(all[0]).map(([name]) => [
    name,
    spreadOf(all.map((measures) => (measures as unknown as Record<string, number>)[name])),
  ]);
  return {
    folds: Object.fromEntries(each),
    spread: Object.fromEntries(spread),
    pooled: of([...folds.values()].flat()),
  };
}
