import { type Explanation, targetName } from '../../attribution/index.ts';
import { type Classifier, isProbability, type RankedClass, ranked, rows } from '../../classifier/index.ts';
import type { Balance } from '../../relevance/index.ts';

/** What is explained of one image: classes by index, and what they are called. */
export interface ExplainedTarget {
  /** As people read it. */
  readonly name: string;
  readonly classes: readonly NamedClass[];
  /** The classes whose scores are subtracted. */
  readonly against: readonly NamedClass[];
}

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
  readonly relevance: { readonly sum: number; readonly least: number; readonly largest: number };
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
  const target = explanation.targets[row]!;
  const { classes, against } = target;
  const explained = new Set([...classes, ...against]);
  const scores = rows(explanation.scores, row, row + 1).data;
  const sum = (indices: readonly number[]) => indices.reduce((total, index) => total + scores[index]!, 0);
  const values = rows(explanation.output, row, row + 1).data;
  const isNumber = head.kind === 'number';
  const named = (index: number): NamedClass => ({ index, label: head.labels?.[index] });
  const all = isNumber ? [{ index: 0, label: head.name, value: values[0]! }] : ranked(values, head);
  return {
    target: {
      name: isNumber ? head.name : targetName(target, head),
      classes: isNumber ? [] : classes.map(named),
      against: against.map(named),
    },
    probabilities: isProbability(classifier),
    scores: all
      .map((each) => ({ ...each, explained: explained.has(each.index) }))
      .filter((each, rank) => rank < top || each.explained),
    score: sum(classes) - sum(against),
    relevance: rangeOf(rows(explanation.relevance, row, row + 1).data),
    conservation: explanation.conservation?.[row],
    completeness: explanation.completeness?.[row],
  };
}

function rangeOf(data: Float32Array): ExplanationReading['relevance'] {
  let [sum, least, largest] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of data) {
    sum += value;
    if (value < least) least = value;
    if (value > largest) largest = value;
  }
  return { sum, least, largest };
}
