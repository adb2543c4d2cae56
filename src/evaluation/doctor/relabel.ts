import { assignment } from './assignment.ts';

/** A guess at which class each output of a model stands for. */
export interface Relabelling {
  readonly what: string;
  /** The class of the data by output. */
  readonly order: readonly number[];
  /** 1 where an image is answered wrongly with it, else 0; undefined for images without an answer. */
  readonly losses: readonly (number | undefined)[];
}

/** More classes than this have too few images each to tell a permutation from chance. */
const FEW = 64;

/**
 * Ways in which the classes of `predictions` may have other numbers than those of `truths`: shifted by one (ImageNet's
 * background class, labels that count from 1), reversed, sorted as text rather than as numbers; with few classes the
 * permutation that fits best. Because that one is chosen by the answers, each half of the images is judged by the
 * permutation of the other half: chance earns it nothing.
 */
export function relabellings(
  predictions: readonly (number | undefined)[],
  truths: readonly number[],
  classes: number,
  nameOf: (index: number) => string,
): Relabelling[] {
  const all = Array.from({ length: classes }, (_, i) => i);
  const judge = (orderOf: (i: number) => readonly number[]) =>
    predictions.map((output, i) =>
      output === undefined ? undefined : Number(orderOf(i)[output] !== truths[i]),
    );
  const textual = all.map(String).sort().map(Number);
  const fixed: [string, number[]][] = [
    ['the model counts its classes from 1 on: output k + 1 is class k', all.map((i) => i - 1)],
    ["the data's classes are counted from 1 on: output k is class k + 1", all.map((i) => i + 1)],
  ];
  if (classes > 2) fixed.push(['the classes stand in reverse', all.map((i) => classes - 1 - i)]);
  if (classes > 10) {
    fixed.push(
      ['the model sorts its classes as text (0, 1, 10, 11, …, 2), the data as numbers', textual],
      ['the data sort their classes as text (0, 1, 10, 11, …, 2), the model as numbers', inverse(textual)],
    );
  }
  const found = fixed.map(([what, order]) => ({ what, order, losses: judge(() => order) }));
  const present = new Set(truths).size;
  if (classes < 2 || classes > FEW || present < 2) return found;
  const half = (part: 0 | 1) => best(predictions, truths, classes, (i) => i % 2 === part);
  const halves = [half(0), half(1)];
  const order = best(predictions, truths, classes, () => true);
  const what = moved(order, nameOf);
  return [{ what, order, losses: judge((i) => halves[1 - (i % 2)]) }, ...found];
}

/** The permutation of outputs that makes most answers right; outputs that nothing speaks about stay. */
function best(
  predictions: readonly (number | undefined)[],
  truths: readonly number[],
  classes: number,
  counts: (image: number) => boolean,
): number[] {
  const gains = Array.from({ length: classes }, (_, i) =>
    Array.from({ length: classes }, (_, j) => (i === j ? 0.5 : 0)),
  );
  predictions.forEach((output, i) => {
    if (output !== undefined && counts(i) && truths[i] < classes) gains[output][truths[i]]++;
  });
  return assignment(gains);
}

function moved(order: readonly number[], nameOf: (index: number) => string): string {
  const places = order.flatMap((to, from) => (to === from ? [] : [[from, to] as const]));
  if (places.length === 2)
    return `the labels ${nameOf(places[0][0])} and ${nameOf(places[0][1])} are swapped`;
  const texts = places.slice(0, 6).map(([from, to]) => `output ${from} is ${nameOf(to)}`);
  return `the labels are in another order: ${texts.join(', ')}${places.length > 6 ? ', …' : ''}`;
}

function inverse(order: readonly number[]): number[] {
  const out = new Array<number>(order.length);
  order.forEach((to, from) => {
    out[to] = from;
  });
  return out;
}
