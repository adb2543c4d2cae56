import { count } from '../common/format.ts';
import type { ComparedEntry, OutcomeInfo, TargetComparison } from '../evaluation/comparison/index.ts';
import type { Measures } from '../evaluation/index.ts';
import { figureText, interval, withUnit } from './numbers.ts';
import type { PageBlock, PageCell, PageTable } from './page-blocks.ts';

/** The best of a target's models in large letters. */
export function cardBlock({ entries, outcomes, images, persons }: TargetComparison): PageBlock {
  const several = entries.length > 1;
  const cards = outcomes.flatMap((outcome) => {
    const best = bestEntry(entries, outcome);
    const estimate = best?.values[outcome.name];
    if (!best || !estimate) return [];
    const ends = interval(estimate, outcome.kind);
    return [
      {
        label: several ? `best ${outcome.title}` : outcome.title,
        value: withUnit(estimate.value, outcome.kind),
        note: [several ? best.name : '', ends].filter(Boolean).join(' · '),
      },
    ];
  });
  return {
    kind: 'cards',
    cards: [
      ...cards,
      {
        label: 'images',
        value: count(images),
        ...(persons !== undefined && { note: `of ${count(persons)} persons` }),
      },
      { label: 'models', value: count(entries.length) },
    ],
  };
}

/** The model that is best by a measure, if any has it. */
export function bestEntry(
  entries: readonly ComparedEntry[],
  { name, better }: OutcomeInfo,
): ComparedEntry | undefined {
  const rank = (entry: ComparedEntry) => (better === 'higher' ? -1 : 1) * entry.values[name]!.value;
  return entries.filter(({ values }) => values[name]).sort((a, b) => rank(a) - rank(b))[0];
}

type Further = readonly [
  title: string,
  of: (measures: Measures) => number | undefined,
  write: (value: number) => string,
];

const percent = (value: number): string => figureText(value, 'share');
const decimals = (value: number): string => figureText(value, 'number');

const further: readonly Further[] = [
  ['top 3 in %', (m) => (m.kind === 'classes' ? m.top[3] : undefined), percent],
  ['top 5 in %', (m) => (m.kind === 'classes' ? m.top[5] : undefined), percent],
  ['balanced accuracy in %', (m) => (m.kind === 'classes' ? m.balancedAccuracy : undefined), percent],
  ['macro F1 in %', (m) => (m.kind === 'classes' ? m.macroF1 : undefined), percent],
  ['negative log-likelihood', (m) => (m.kind === 'classes' ? m.nll : undefined), (x) => x.toFixed(3)],
  ['calibration error in %', (m) => (m.kind === 'classes' ? m.ece : undefined), percent],
  ['bias', (m) => (m.kind === 'number' ? m.bias : undefined), decimals],
  ['root mean square error', (m) => (m.kind === 'number' ? m.rmse : undefined), decimals],
];

/** Measures beyond those that are compared, over all images at once; undefined where none is known. */
export function measuresTable(
  { entries, target }: TargetComparison,
  measures: readonly (Measures | undefined)[],
): PageTable | undefined {
  const known = further.filter(([, of]) => measures.some((each) => each && of(each) !== undefined));
  if (known.length === 0) return undefined;
  return {
    caption: `${target}: further measures, over all images at once`,
    columns: [{ title: 'model' }, ...known.map(([title]) => ({ title, align: 'right' as const }))],
    rows: entries.map(({ name }, i) => [
      name,
      ...known.map(([, of, write]): PageCell => {
        const value = measures[i] && of(measures[i]);
        return value === undefined ? { text: '' } : { text: write(value), sort: value };
      }),
    ]),
  };
}

/** Every fold of every model on its own; undefined without folds. */
export function foldTable({ entries, outcomes, target }: TargetComparison): PageTable | undefined {
  const folds = [...new Set(entries.flatMap((entry) => entry.folds?.each.map(({ fold }) => fold) ?? []))];
  if (folds.length === 0) return undefined;
  return {
    caption: `${target}: every fold on its own${outcomes.some(({ kind }) => kind === 'share') ? ', in %' : ''}`,
    columns: [
      { title: 'model' },
      { title: 'measure' },
      ...folds.map((fold) => ({ title: `fold ${fold}`, align: 'right' as const })),
    ],
    rows: entries.flatMap(({ name, folds: own }) =>
      own
        ? outcomes.map((outcome) => [
            name,
            outcome.title,
            ...folds.map((fold): PageCell => {
              const value = own.each.find((each) => each.fold === fold)?.values[outcome.name];
              return value === undefined
                ? { text: '' }
                : { text: figureText(value, outcome.kind), sort: value };
            }),
          ])
        : [],
    ),
  };
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
