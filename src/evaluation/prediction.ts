import { fail } from '../common/error.ts';
import type { Answer } from './result.ts';

/** How many classes stand before a class when they are sorted by score, equals by index: 0 for the predicted one. */
export function rankOf(scores: readonly number[], index: number): number {
  const score = scores[index];
  let before = 0;
  scores.forEach((other, i) => {
    if (other > score || (other === score && i < index)) before++;
  });
  return before;
}

/** Errors: answers with different numbers of scores, or true classes that are none of them. */
export function checkClasses(answers: readonly Answer[]): number {
  const classes = answers[0]?.scores.length ?? 0;
  for (const { image, truth, scores } of answers) {
    if (scores.length !== classes) fail(image, `${scores.length} scores, the first image has ${classes}`);
    if (!(Number.isInteger(truth) && truth >= 0 && truth < classes)) {
      fail(image, `its label ${truth} is none of the ${classes} classes`, 'check the labels');
    }
  }
  return classes;
}
