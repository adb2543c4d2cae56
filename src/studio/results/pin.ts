import { count, percent, short } from '../../common/format.ts';
import type { SeenFinding } from '../parts/pin.tsx';
import type { ShownResult } from '../protocol/index.ts';
import { compareCommandText, verbProgramText } from '../state/elsewhere.ts';
import { resultsView } from '../state/results.ts';

/** What the notebook keeps of a result: its measures, and which photos are shown. */
export function seenOfResult(
  { info, measures, answers }: ShownResult,
  places: readonly number[],
  folder: string,
): SeenFinding {
  const { filter, groupBy } = resultsView.value;
  const called = (index: number) => info.model.head.labels?.[index] ?? `class ${index}`;
  const chosen = [
    ...(filter.truth === undefined ? [] : [`of ${called(filter.truth)}`]),
    ...(filter.predicted === undefined ? [] : [`taken for ${called(filter.predicted)}`]),
    ...(filter.outcome === 'all' ? [] : [filter.outcome]),
    ...(filter.from === undefined
      ? []
      : [`confidence ${percent(filter.from)} to ${percent(filter.to ?? 1)}`]),
    ...Object.entries(filter.groups).map(([column, value]) => `${column} ${value}`),
  ].join(', ');
  const request = { results: [folder], groupBy: groupBy === undefined ? [] : [groupBy] };
  return {
    title: `${info.name} on ${info.data.source}${chosen && `: ${chosen}`}`,
    facts: [
      ['photos', `${count(places.length)} of ${count(answers.images.length)}`],
      ...(measures.kind === 'classes'
        ? ([['accuracy', percent(measures.accuracy)]] as const)
        : ([['mean absolute error', short(measures.mae)]] as const)),
      [
        'first of them',
        places
          .slice(0, 5)
          .map((place) => answers.images[place])
          .join(', '),
      ],
      ['network', `${info.model.file}, SHA-256 ${info.model.sha256}`],
      ['data', `SHA-256 ${info.data.sha256}`],
    ],
    pictures: [],
    command: compareCommandText(request),
    program: verbProgramText('compare', { ...request, output: 'compared' }),
  };
}
