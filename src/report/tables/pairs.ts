import type { Pair, TargetComparison } from '../../evaluation/comparison/index.ts';
import { figureText, pText, rounded, signed } from '../numbers.ts';
import { countCell, intervalCell, intervalNotes } from './summary.ts';
import type { Cell, Table, TableColumn } from './table.ts';

/** Names of the tests, for print. */
export const TESTS: Readonly<Record<Pair['test']['name'], string>> = {
  mcnemar: "McNemar's exact test",
  'sign-flip': 'sign-flip test',
};

/** All pairs of models of a target: differences with intervals, tests alone and adjusted, effect sizes. */
export function pairTable({ target, entries, outcomes, pairs }: TargetComparison): Table {
  const shares = pairs.some(({ counts }) => counts);
  const byPerson = pairs.some(({ persons }) => persons !== undefined);
  const columns: TableColumn[] = [
    { title: 'first' },
    { title: 'second' },
    { title: 'measure' },
    { title: 'images', align: 'right' },
    { title: 'values', align: 'right', fields: ['first_value', 'second_value'] },
    { title: 'difference', align: 'right' },
    { title: '95 % interval', align: 'right', fields: ['difference_low', 'difference_high'] },
    ...(shares
      ? ([
          { title: 'only first right', align: 'right', fields: ['only_first'] },
          { title: 'only second right', align: 'right', fields: ['only_second'] },
          { title: 'McNemar p', align: 'right', fields: ['mcnemar_p'] },
        ] as const)
      : []),
    ...(byPerson || !shares
      ? [{ title: 'sign-flip p', align: 'right', fields: ['sign_flip_p'] } as const]
      : []),
    { title: 'adjusted p', align: 'right', fields: ['adjusted_p'] },
    ...(shares
      ? ([
          { title: "Cohen's h", align: 'right', fields: ['cohens_h'] },
          { title: 'odds ratio', align: 'right', fields: ['odds_ratio', 'odds_low', 'odds_high'] },
        ] as const)
      : []),
  ];
  const rows = pairs.map((pair): (Cell | string)[] => {
    const { title, kind } = outcomes.find(({ name }) => name === pair.outcome)!;
    const { difference, counts, mcnemar, signFlip, test, values } = pair;
    return [
      entries[pair.first].name,
      entries[pair.second].name,
      title,
      countCell(pair.n),
      {
        text: values.map((value) => figureText(value, kind)).join(' / '),
        sort: values[0],
        values: values.map(rounded),
      },
      { text: signed(difference.value, kind), sort: difference.value, values: [rounded(difference.value)] },
      intervalCell(difference, kind),
      ...(shares ? [countCell(counts!.onlyFirst), countCell(counts!.onlySecond), pCell(mcnemar!.p)] : []),
      ...(byPerson || !shares ? [pCell(signFlip?.p)] : []),
      // Told apart: the ones to read.
      { ...pCell(test.adjusted), ...(test.adjusted < 0.05 && { best: true }) },
      ...(shares ? [numberCell(pair.cohensH), oddsCell(pair)] : []),
    ];
  });
  const [some] = pairs;
  return {
    caption: `${target}: models two by two on the same images`,
    columns,
    rows,
    notes: some
      ? [
          `Adjusted p: ${TESTS[some.test.name]}${some.test.name === 'sign-flip' && byPerson ? ' over persons' : ''}, two-sided` +
            `${some.test.family > 1 ? `, with Holm's correction for the ${some.test.family} tests of a measure` : ''}; bold below 0.05.`,
          ...intervalNotes(pairs.map(({ difference }) => difference)),
        ]
      : [],
  };
}

/** A p-value as a cell; an empty one where there is none. */
export const pCell = (p: number | undefined): Cell =>
  p === undefined ? { text: '', values: [] } : { text: pText(p), sort: p, values: [p] };

const numberCell = (value: number | undefined): Cell =>
  value === undefined
    ? { text: '', values: [] }
    : { text: value.toFixed(2).replace('-', '−'), sort: value, values: [rounded(value)] };

function oddsCell({ odds }: Pair): Cell {
  if (!odds) return { text: '', values: [] };
  const { value, low, high } = odds;
  const text = value === undefined ? '∞' : value.toFixed(2);
  return {
    text: `${text} (${low.toFixed(2)} to ${high === undefined ? '∞' : high.toFixed(2)})`,
    sort: value ?? Number.MAX_VALUE,
    values: [rounded(value), rounded(low), rounded(high)],
  };
}
