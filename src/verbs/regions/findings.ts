import { percent } from '../../common/format.ts';
import { pSentence } from '../../report/numbers.ts';
import type { LookComparison, LookContrast } from './statistics.ts';

/** What is claimed has at most this p-value after adjustment. */
const LEVEL = 0.05;

/** Of pairs of single models, only those that are told apart best are told; the record has all. */
const mostPairs = 10;

/** Whether anything is told from chance. */
export const anyTold = (contrasts: readonly LookContrast[], pairs: readonly LookComparison[]): boolean =>
  (contrasts.length > 0 ? contrasts : pairs).some(({ adjusted }) => adjusted < LEVEL);

/** What stands out: differences by a factor, and without factors between models, in sentences with their numbers. */
export function lookFindings(contrasts: readonly LookContrast[], pairs: readonly LookComparison[]): string[] {
  const told = contrasts.filter(({ adjusted }) => adjusted < LEVEL);
  if (contrasts.length > 0) {
    return told.length > 0
      ? told.map((each) => `${capital(each.factor)} ${sentence(each)}`)
      : ['No difference by a factor can be told from chance.'];
  }
  return pairs
    .filter(({ adjusted }) => adjusted < LEVEL)
    .sort((a, b) => a.adjusted - b.adjusted || Math.abs(b.difference) - Math.abs(a.difference))
    .slice(0, mostPairs)
    .map((each) => capital(sentence(each)));
}

function sentence({ measure, first, second, difference, low, high, adjusted }: LookComparison): string {
  const [more, less, sign] = difference > 0 ? [first, second, 1] : [second, first, -1];
  const ends = [low, high].flatMap((end) => (end === undefined ? [] : sign * end)).sort((a, b) => a - b);
  const interval = ends.length === 2 ? ` (95 % interval ${points(ends[0])} to ${points(ends[1])})` : '';
  const what =
    measure === 'extent'
      ? 'spreads relevance over more of the picture'
      : `has more of its relevance in the ${measure}`;
  return `${called(more)} ${what} than ${called(less)}: by ${points(sign * difference)} percentage points${interval}, ${pSentence(adjusted)}.`;
}

const points = (share: number): string => percent(share).replace(' %', '');

const called = (name: string): string => (name === '' ? 'none' : name);

const capital = (text: string): string => text.slice(0, 1).toUpperCase() + text.slice(1);
