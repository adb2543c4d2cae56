import { type Explanation, sharesScore, targetName } from '../../attribution/index.ts';
import { type Classifier, isProbability, type RankedClass, ranked, rows } from '../../classifier/index.ts';
import { type Balance, type Excess, excessOf, saneMultiple } from '../../relevance/index.ts';
import { type OfferedContrast, offeredContrast } from './remarks.ts';

/** What is explained of one image: classes by index, and what they are called. */
export interface ExplainedTarget {
  /** As people read it. */
  readonly name: string;
  readonly classes: readonly NamedClass[];
  /** The classes whose scores are subtracted. */
  readonly against: readonly NamedClass[];
}

/** A class with its label, if it has one. */
export interface NamedClass {
  readonly index: number;
  readonly label?: string | undefined;
}

/** One image's explanation, in numbers; plain data. */
export interface ExplanationReading {
  readonly target: ExplainedTarget;
  /** Whether the scores are probabilities. */
  readonly probabilities: boolean;
  /** The best classes and those explained, or the one value of an output that is a number. */
  readonly scores: readonly (RankedClass & { readonly explained: boolean })[];
  /** The explained score, before softmax. */
  readonly score: number;
  /** Whether the relevance is shares of it, or of its difference from a baseline: then its sum says what became of it. */
  readonly shares: boolean;
  readonly relevance: {
    readonly sum: number;
    /** Σ|R|. */
    readonly absolute: number;
    readonly least: number;
    readonly largest: number;
  };
  /** Where relevance is far larger than the score that it is to explain: its numbers then say nothing. */
  readonly excess?: Excess | undefined;
  /** Where the score of the explained class is negative or near zero: what to explain instead. */
  readonly contrast?: OfferedContrast | undefined;
  readonly conservation?: readonly Balance[] | undefined;
  readonly completeness?: { readonly attributed: number; readonly difference: number } | undefined;
}

/** Reads what an explanation says of the image in its `row`, with the `top` classes. */
export function readExplanation(
  explanation: Explanation,
  row: number,
  classifier: Classifier,
  top: number,
): ExplanationReading {
  const { head } = classifier;
  const target = explanation.targets[row];
  const { classes, against } = target;
  const explained = new Set([...classes, ...against]);
  const scores = rows(explanation.scores, row, row + 1).data;
  const sum = (indices: readonly number[]) => indices.reduce((total, index) => total + scores[index], 0);
  const values = rows(explanation.output, row, row + 1).data;
  const isNumber = head.kind === 'number';
  const named = (index: number): NamedClass => ({ index, label: head.labels?.[index] });
  const all = isNumber ? [{ index: 0, label: head.name, value: values[0] }] : ranked(values, head);
  const score = sum(classes) - sum(against);
  const relevance = rangeOf(rows(explanation.relevance, row, row + 1).data);
  const conservation = explanation.conservation?.[row];
  return {
    target: {
      name: isNumber ? head.name : targetName(target, head),
      classes: isNumber ? [] : classes.map(named),
      against: against.map(named),
    },
    probabilities: isProbability(classifier),
    scores: all
      .filter(({ index }, rank) => rank < top || explained.has(index))
      .map((each) => ({ ...each, explained: explained.has(each.index) })),
    score,
    shares: sharesScore(explanation.description) || explanation.completeness !== undefined,
    relevance,
    excess: conservation ? excessOf(conservation) : excessAtInput(explanation, score, relevance),
    contrast: offeredContrast(explanation, row, scores, classifier),
    conservation,
    completeness: explanation.completeness?.[row],
  };
}

/** Without a report of the layers, what arrives at the input tells, of methods that share the score itself: shares of it add up to no more. */
function excessAtInput(
  { description }: Explanation,
  score: number,
  { absolute, sum }: ExplanationReading['relevance'],
): Excess | undefined {
  const { method, parameters } = description;
  if (method !== 'lrp' || parameters.start !== 'score') return undefined;
  const multiple = absolute / Math.abs(score);
  return multiple > saneMultiple
    ? { absolute, sum, made: Math.abs(sum) > absolute / 2, multiple }
    : undefined;
}

function rangeOf(data: Float32Array): ExplanationReading['relevance'] {
  let [sum, absolute, least, largest] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  // By index: an iterator over a whole map would take ten times as long. A number that is assigned under a condition is an object on
  // the heap for every pixel.
  for (let i = 0; i < data.length; i++) {
    const value = data[i];
    sum += value;
    absolute += Math.abs(value);
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  return { sum, absolute, least, largest };
}
