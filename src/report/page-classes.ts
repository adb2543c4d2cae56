import { count } from '../common/format.ts';
import type { TargetComparison } from '../evaluation/comparison/index.ts';
import type { ClassificationMeasures, Measures } from '../evaluation/index.ts';
import { withUnit } from './numbers.ts';
import type { PageCell, PageTable } from './page-blocks.ts';

/** Precision, recall and F1 of every class; undefined where no model's measures are at hand. */
export function classTable(
  { entries, labels, target }: TargetComparison,
  measures: readonly (Measures | undefined)[],
): PageTable | undefined {
  const known = entries.flatMap(({ name }, i) => {
    const each = measures[i];
    return each?.kind === 'classes' ? [{ name, measures: each }] : [];
  });
  const [first] = known;
  if (!first) return undefined;
  const names = first.measures.perClass.map((_, i) => labels?.[i] ?? `class ${i}`);
  const table = known.length === 1 ? oneModel(first.measures, names) : manyModels(known, names);
  return { ...table, caption: `${target}: ${table.caption}`, notes: [WORDS] };
}

const WORDS =
  'Precision is the share of what was taken for a class that is of it, recall the share of its images that was found, F1 their harmonic mean.';

const share = (value: number | undefined): PageCell =>
  value === undefined ? { text: '–' } : { text: withUnit(value, 'share'), sort: value };

const right = (title: string) => ({ title, align: 'right' as const });
const counted = (n: number): PageCell => ({ text: count(n), sort: n });

function oneModel({ perClass }: ClassificationMeasures, names: readonly string[]): PageTable {
  return {
    caption: 'each class',
    columns: [{ title: 'class' }, ...['images', 'precision', 'recall', 'F1', 'predicted'].map(right)],
    rows: perClass.map(({ images, precision, recall, f1, predicted }, i) => [
      { text: names[i], sort: i },
      counted(images),
      share(precision),
      share(recall),
      share(f1),
      counted(predicted),
    ]),
  };
}

function manyModels(
  known: readonly { readonly name: string; readonly measures: ClassificationMeasures }[],
  names: readonly string[],
): PageTable {
  return {
    caption: 'F1 of each class, with precision (P) and recall (R) beneath',
    columns: [{ title: 'class' }, right('images'), ...known.map(({ name }) => right(name))],
    rows: names.map((label, i) => [
      { text: label, sort: i },
      counted(known[0].measures.perClass[i].images),
      ...known.map(({ measures }): PageCell => {
        const { precision, recall, f1 } = measures.perClass[i];
        return { ...share(f1), note: `P ${share(precision).text} · R ${share(recall).text}` };
      }),
    ]),
  };
}
