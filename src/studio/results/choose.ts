import type { AnswerTable } from '../protocol/index.ts';
import type { AnswerFilter, AnswerOrder } from '../state/results.ts';

/** Whether a prediction is the truth; of numbers nothing is. */
export const isRight = ({ truth, predicted }: AnswerTable, i: number): boolean => truth[i] === predicted[i];

/** The places of the answers that a filter leaves, in order. */
export function chooseAnswers(
  table: AnswerTable,
  { truth, predicted, outcome, from, to, groups }: AnswerFilter,
  order: AnswerOrder,
): number[] {
  const { confidence } = table;
  const columns = Object.entries(groups).map(([name, value]) => {
    const column = table.groups.find((each) => each.name === name);
    return { of: column?.of, wanted: column?.values.indexOf(value) ?? -1 };
  });
  const chosen: number[] = [];
  for (let i = 0; i < table.images.length; i++) {
    if (truth !== undefined && table.truth[i] !== truth) continue;
    if (predicted !== undefined && table.predicted[i] !== predicted) continue;
    if (outcome !== 'all' && isRight(table, i) !== (outcome === 'right')) continue;
    // Zero belongs to the first bin, as the measures have it.
    if (from !== undefined && confidence[i] <= from && !(from === 0 && confidence[i] === 0)) continue;
    if (to !== undefined && confidence[i] > to) continue;
    if (columns.some(({ of, wanted }) => wanted < 0 || of?.[i] !== wanted)) continue;
    chosen.push(i);
  }
  return sorted(table, chosen, order);
}

function sorted(table: AnswerTable, chosen: number[], order: AnswerOrder): number[] {
  const { confidence } = table;
  switch (order) {
    case 'most-sure':
      return chosen.sort((a, b) => confidence[b] - confidence[a] || a - b);
    case 'least-sure':
      return chosen.sort((a, b) => confidence[a] - confidence[b] || a - b);
    case 'confidently-wrong': {
      // Behind all that are wrong come those that nearly were.
      const badness = (i: number) => (isRight(table, i) ? -1 : 1) * confidence[i];
      return chosen.sort((a, b) => badness(b) - badness(a) || a - b);
    }
    default:
      return chosen;
  }
}

/** So many heatmaps are averaged here at most; the command line averages any number. */
const mostAveraged = 100;

/** Of these things as many as may be averaged, evenly from the first to the last: those of one kind may stand together. */
export const spreadOver = <Item>(items: readonly Item[], most: number = mostAveraged): readonly Item[] =>
  items.length <= most
    ? items
    : Array.from({ length: most }, (_, i) => items[Math.floor((i * items.length) / most)]);
