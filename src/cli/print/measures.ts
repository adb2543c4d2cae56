import { count, percent, plural, short } from '../../common/format.ts';
import type { ClassificationMeasures, Measures, RegressionMeasures, Spread } from '../../evaluation/index.ts';
import { transposed } from '../../evaluation/index.ts';
import type { EvaluatedFolds, EvaluatedModel } from '../../verbs/evaluate/index.ts';
import { type PrintedColumn, table } from '../table.ts';

/** What stands in one line of a table of several: a name, how it is written, and whether it is a share. */
const scalars: readonly (readonly [
  key: keyof ClassificationMeasures | keyof RegressionMeasures,
  title: string,
  share: boolean,
])[] = [
  ['accuracy', 'accuracy', true],
  ['oneOff', 'one-off', true],
  ['balancedAccuracy', 'balanced', true],
  ['macroF1', 'macro F1', true],
  ['nll', 'NLL', false],
  ['ece', 'ECE', true],
  ['mae', 'mean abs. error', false],
  ['bias', 'bias', false],
  ['rmse', 'RMS error', false],
];

const right = (title: string): PrintedColumn => ({ title, align: 'right' });
const share = (x: number | undefined): string => (x === undefined ? '–' : percent(x));

/** One evaluation with everything that a terminal has room for. */
export function measuresText(
  { folder, result, measures }: EvaluatedModel,
  predictionsInRows = false,
): string {
  const { info } = result;
  const head = `${info.name}: ${info.model.head.name} of ${plural(measures.images, 'photo')}, crops: ${info.settings.crops}`;
  const notes = (info.notes ?? []).map((note) => `  ${note}\n`).join('');
  const skipped = info.skipped ? `  ${plural(info.skipped.length, 'photo')} skipped\n` : '';
  const values = scalars.flatMap(([key, title, isShare]) => {
    const value = (measures as unknown as Record<string, number | undefined>)[key];
    return value === undefined ? [] : [[`  ${title}`, isShare ? percent(value) : short(value)]];
  });
  const top = measures.kind === 'classes' ? Object.entries(measures.top) : [];
  const rows = [...values, ...top.map(([k, value]) => [`  top ${k}`, percent(value)])];
  const summary = table([{ title: '' }, right('')], rows);
  const details =
    measures.kind === 'classes' ? classesText(measures, info.model.head.labels, predictionsInRows) : '';
  return `${head}\n${notes}${skipped}\n${summary}${details}\n→ ${folder}\n`;
}

/** As many classes as a terminal shows side by side. */
const wide = 12;

function classesText(
  { perClass, confusion }: ClassificationMeasures,
  labels: readonly string[] | undefined,
  predictionsInRows: boolean,
): string {
  const name = (i: number) => labels?.[i] ?? `class ${i}`;
  const shown = perClass
    .map((each, i) => ({ ...each, i }))
    .filter(({ images, predicted }) => images + predicted > 0);
  const classes = table(
    [{ title: '  class' }, ...['photos', 'precision', 'recall', 'F1'].map(right)],
    shown
      .slice(0, 4 * wide)
      .map(({ i, images, precision, recall, f1 }) => [
        `  ${name(i)}`,
        count(images),
        share(precision),
        share(recall),
        share(f1),
      ]),
  );
  const more =
    shown.length > 4 * wide ? `  … and ${count(shown.length - 4 * wide)} more, in result.json\n` : '';
  if (confusion.length > wide) return `\n${classes}${more}`;
  const [matrix, title] = predictionsInRows
    ? [transposed(confusion), '  predicted ↓ label →']
    : [confusion, '  label ↓ predicted →'];
  const counts = table(
    [{ title }, ...confusion.map((_, i) => right(name(i)))],
    matrix.map((row, i) => [`  ${name(i)}`, ...row.map(count)]),
  );
  return `\n${classes}\n${counts}`;
}

/** Several models, one line each. */
export function manyText(evaluated: readonly EvaluatedModel[]): string {
  const rows = evaluated.map(({ result, measures }): [string, Measures] => [result.info.name, measures]);
  const folders = evaluated.map(({ folder }) => `→ ${folder}\n`).join('');
  return `${linesText('model', rows, [])}\n${folders}`;
}

/** One model's folds, one line each, their spread, and all photos as one. */
export function foldsText({ folds, measures: { spread, pooled } }: EvaluatedFolds): string {
  const rows = folds.map(({ result, measures }): [string, Measures] => [result.info.place.fold, measures]);
  const text = linesText('fold', [...rows, ['pooled', pooled]], Object.entries(spread));
  return `${folds[0].result.info.name}\n${text}\n${folds.map(({ folder }) => `→ ${folder}\n`).join('')}`;
}

function linesText(
  what: string,
  rows: readonly (readonly [string, Measures])[],
  spread: readonly (readonly [string, Spread])[],
): string {
  const has = (key: string) => rows.some(([, measures]) => key in measures);
  const columns = scalars.filter(([key]) => has(key));
  const write = (x: number | undefined, isShare: boolean) =>
    x === undefined ? '–' : isShare ? percent(x) : short(x);
  const lines = rows.map(([name, measures]) => [
    name,
    count(measures.images),
    ...columns.map(([key, , isShare]) =>
      write((measures as unknown as Record<string, number>)[key], isShare),
    ),
  ]);
  if (spread.length > 0) {
    const of = new Map(spread);
    const deviation = columns.map(([key, , isShare]) => {
      const each = of.get(key);
      return each ? `${write(each.mean, isShare)} ± ${write(each.sd, isShare)}` : '–';
    });
    lines.splice(-1, 0, ['mean ± sd', '', ...deviation]);
  }
  return table([{ title: what }, right('photos'), ...columns.map(([, title]) => right(title))], lines);
}
