import type { Grouping, TargetComparison } from '../../evaluation/comparison/index.ts';
import { figureText, rounded, signed } from '../numbers.ts';
import { pCell } from './pairs.ts';
import { countCell, intervalCell, intervalNotes, unit } from './summary.ts';
import type { Table } from './table.ts';

/** The groups of all models by the same columns in one measure, the worst gap first, those too small to rank last. */
export function groupTable(
  { target, entries, outcomes, persons }: TargetComparison,
  groupings: readonly [Grouping, ...Grouping[]],
): Table {
  const [{ columns, outcome }] = groupings;
  const { title, kind, better } = outcomes.find(({ name }) => name === outcome)!;
  const several = entries.length > 1;
  const worse = better === 'higher' ? 1 : -1;
  const all = groupings
    .flatMap((grouping) => grouping.groups.map((group) => ({ group, name: entries[grouping.entry].name })))
    .sort(
      (a, b) =>
        Number(a.group.small) - Number(b.group.small) || worse * (a.group.gap.value - b.group.gap.value),
    );
  const family = all.find(({ group }) => group.test)?.group.test?.family;
  const overall = groupings.map(
    ({ entry, overall: { value } }) =>
      `${several ? `${entries[entry].name} ` : ''}${figureText(value, kind)}`,
  );
  return {
    caption: `${target}: ${title} by ${columns.join(' × ')}, the worst gap to all images first${all.some(({ group }) => group.small) ? ', small groups last' : ''}`,
    columns: [
      ...columns.map((column) => ({ title: column })),
      ...(several ? [{ title: 'model' }] : []),
      { title: 'images', align: 'right' },
      ...(persons === undefined ? [] : [{ title: 'persons', align: 'right' } as const]),
      { title: title + unit(kind), align: 'right', fields: [outcome] },
      { title: '95 % interval', align: 'right', fields: ['low', 'high'] },
      { title: 'gap', align: 'right' },
      { title: 'its interval', align: 'right', fields: ['gap_low', 'gap_high'] },
      { title: 'adjusted p', align: 'right', fields: ['adjusted_p'] },
    ],
    rows: all.map(({ group: { values, estimate, gap, test, small }, name }) => {
      const images = countCell(estimate.n);
      return [
        ...values,
        ...(several ? [name] : []),
        small ? { ...images, text: `${images.text} †` } : images,
        ...(persons === undefined ? [] : [countCell(estimate.persons ?? estimate.n)]),
        { text: figureText(estimate.value, kind), sort: estimate.value, values: [rounded(estimate.value)] },
        intervalCell(estimate, kind),
        { text: signed(gap.value, kind), sort: gap.value, values: [rounded(gap.value)] },
        intervalCell(gap, kind),
        { ...pCell(test?.adjusted), ...(test && test.adjusted < 0.05 && { best: true }) },
      ];
    }),
    notes: [
      `All images: ${overall.join(', ')}.`,
      ...(family === undefined
        ? []
        : [
            `Adjusted p: a group against all other images, ${
              kind === 'share'
                ? `Fisher's exact test${persons === undefined ? '' : ' of effective sample sizes'}`
                : 'by its bootstrapped standard error'
            }, with Holm's correction for ${family} tests; bold below 0.05.`,
          ]),
      ...(all.some(({ group }) => group.small)
        ? ['† fewer than 30 images or 10 persons: these numbers say little.']
        : []),
      ...intervalNotes(all.flatMap(({ group }) => [group.estimate, group.gap])),
    ],
  };
}
