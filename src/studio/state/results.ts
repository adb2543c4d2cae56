import { signal } from '@preact/signals';
import { placedState } from './view.ts';

/** Which answers are looked at, and in which order. */
export interface AnswerFilter {
  /** Indices of classes. */
  readonly truth?: number;
  readonly predicted?: number;
  readonly outcome: 'all' | 'right' | 'wrong';
  /** Confidence above `from` and at most `to`; of numbers, errors. */
  readonly from?: number;
  readonly to?: number;
  /** Values of columns. */
  readonly groups: Readonly<Record<string, string>>;
}

export const answerOrders = ['confidently-wrong', 'least-sure', 'most-sure', 'as-evaluated'] as const;
export type AnswerOrder = (typeof answerOrders)[number];

/** What the room of results shows. */
export interface ResultsView {
  /** The folder of an evaluation, or the file of a comparison or a grid; the first there is unless said. */
  readonly of?: string;
  readonly filter: AnswerFilter;
  readonly order: AnswerOrder;
  /** The column whose groups are measured. */
  readonly groupBy?: string;
  /** The photo that is shown large. */
  readonly photo?: string;
  /** Whether thumbnails are heatmaps. */
  readonly heatmaps: boolean;
}

export const everyAnswer: AnswerFilter = { outcome: 'all', groups: {} };

const firstResults: ResultsView = { filter: everyAnswer, order: 'confidently-wrong', heatmaps: false };

/** In the address, too. */
export const resultsView = placedState<ResultsView>('results', firstResults, (given) => {
  const { of, filter, order, groupBy, photo, heatmaps } = given;
  return {
    ...(typeof of === 'string' && { of }),
    filter: takeFilter((filter ?? {}) as Readonly<Record<string, unknown>>),
    order: answerOrders.find((each) => each === order) ?? firstResults.order,
    ...(typeof groupBy === 'string' && { groupBy }),
    ...(typeof photo === 'string' && { photo }),
    heatmaps: heatmaps === true,
  };
});

function takeFilter({ truth, predicted, outcome, from, to, groups }: Readonly<Record<string, unknown>>) {
  const number = (name: keyof AnswerFilter, value: unknown) => typeof value === 'number' && { [name]: value };
  const named = Object.entries((groups ?? {}) as Readonly<Record<string, unknown>>);
  return {
    ...number('truth', truth),
    ...number('predicted', predicted),
    outcome: outcome === 'right' || outcome === 'wrong' ? outcome : 'all',
    ...number('from', from),
    ...number('to', to),
    groups: Object.fromEntries(
      named.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
  } satisfies AnswerFilter;
}

export const showResults = (change: Partial<ResultsView>): void => {
  resultsView.value = { ...resultsView.value, ...change };
};

/** Another result: what was chosen of the one before says nothing of it. */
export const openResult = (of: string): void => {
  const { order, heatmaps } = resultsView.value;
  resultsView.value = { ...firstResults, of, order, heatmaps };
};

export const filterAnswers = (change: Partial<AnswerFilter>): void =>
  showResults({ filter: { ...resultsView.value.filter, ...change } });

/** Of which photos the mean heatmap is shown: those that this filter leaves of a result. Others have another. */
const averaged = signal<string | undefined>(undefined);

const keyOfShown = ({ of, filter }: ResultsView): string => JSON.stringify([of, filter]);

/** Shows the mean heatmap of the photos that are shown now. */
export const showMean = (): void => {
  averaged.value = keyOfShown(resultsView.value);
};

export const isMeanShown = (): boolean => averaged.value === keyOfShown(resultsView.value);
