import { count } from '../../common/format.ts';
import type { Estimate, OutcomeInfo, TargetComparison } from '../../evaluation/comparison/index.ts';
import { figureText, interval, rounded } from '../numbers.ts';
import type { Cell, Table, TableColumn } from './table.ts';

/** Every model of a target with its measures, their 95 % intervals, and means ± standard deviations over folds. */
export function summaryTable({ target, entries, outcomes, persons }: TargetComparison): Table {
  const folds = entries.some((entry) => entry.folds);
  const columns: TableColumn[] = [
    { title: 'model' },
    { title: 'images', align: 'right' },
    ...(persons === undefined ? [] : [{ title: 'persons', align: 'right' } as const]),
    ...outcomes.flatMap(({ name, title, kind }): TableColumn[] => [
      { title: title + unit(kind), align: 'right', fields: [name] },
      { title: '95 % interval', align: 'right', fields: [`${name}_low`, `${name}_high`] },
      ...(folds
        ? [{ title: 'over folds', align: 'right', fields: [`${name}_fold_mean`, `${name}_fold_sd`] } as const]
        : []),
    ]),
  ];
  const best = outcomes.map((outcome) =>
    bestOf(
      entries.map(({ values }) => values[outcome.name]!),
      outcome,
    ),
  );
  return {
    caption: `${target}: all images at once, with 95 % intervals${folds ? '; mean ± population standard deviation over folds' : ''}`,
    columns,
    rows: entries.map(({ name, values, folds: fold }) => {
      const [first] = outcomes.map((outcome) => values[outcome.name]!);
      return [
        name,
        countCell(first.n),
        ...(persons === undefined ? [] : [countCell(first.persons ?? first.n)]),
        ...outcomes.flatMap(({ name: outcome, kind }, o): Cell[] => {
          const estimate = values[outcome]!;
          const spread = fold?.spread[outcome];
          const text = figureText(estimate.value, kind);
          const isBest = entries.length > 1 && text === best[o];
          return [
            { text, sort: estimate.value, values: [rounded(estimate.value)], ...(isBest && { best: true }) },
            intervalCell(estimate, kind),
            ...(folds
              ? [
                  {
                    text: spread ? `${figureText(spread.mean, kind)} ± ${figureText(spread.sd, kind)}` : '',
                    ...(spread && { sort: spread.mean, values: [rounded(spread.mean), rounded(spread.sd)] }),
                  },
                ]
              : []),
          ];
        }),
      ];
    }),
    notes: intervalNotes(entries.flatMap(({ values }) => outcomes.map(({ name }) => values[name]!))),
  };
}

/** How a unit stands in a column's title. */
export const unit = (kind: OutcomeInfo['kind']): string => (kind === 'share' ? ' in %' : '');

/** A count as a cell. */
export const countCell = (n: number): Cell => ({ text: count(n), sort: n, values: [n] });

/** An interval as a cell, sorted by its lower end. */
export const intervalCell = (estimate: Estimate, kind: OutcomeInfo['kind']): Cell => ({
  text: interval(estimate, kind),
  ...(estimate.low !== undefined && { sort: estimate.low }),
  values: [rounded(estimate.low), rounded(estimate.high)],
});

/** The best value as printed: who looks the same is the same. */
function bestOf(estimates: readonly Estimate[], { better, kind }: OutcomeInfo): string {
  const values = estimates.map(({ value }) => value);
  return figureText(better === 'higher' ? Math.max(...values) : Math.min(...values), kind);
}

const methods: Readonly<Record<NonNullable<Estimate['method']>, string>> = {
  wilson: "Wilson's score interval over images",
  bootstrap: 'bootstrap over images',
  'bonett-price': 'Bonett and Price 2012 over images',
  newcombe: 'Newcombe 1998 over images',
  'wilson-persons': "Wilson's score interval over persons, where too few are right or wrong to resample them",
  'bootstrap-persons': 'bootstrap over persons',
  'bonett-price-persons': 'Bonett and Price 2012 over persons, where too few set the models apart',
  'newcombe-persons': 'Newcombe 1998 over effective sample sizes, where too few persons are right or wrong',
};

/** How the intervals of a table were made, in one sentence. */
export function intervalNotes(estimates: readonly Estimate[]): string[] {
  const used = new Set(estimates.flatMap(({ method }) => method ?? []));
  if (used.size === 0) return [];
  return [`95 % intervals: ${[...used].map((method) => methods[method]).join('; ')}.`];
}
