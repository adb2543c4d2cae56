import { fisher } from '../statistics/fisher.ts';
import { normalTwoSided } from '../statistics/normal.ts';
import type { Group, Grouping } from './comparison.ts';
import type { ResultSource } from './entries.ts';
import { estimate, estimateGap } from './estimate.ts';
import type { ComparedImages } from './images.ts';
import type { Outcome } from './outcome.ts';
import { adjust, type Row } from './pairs.ts';
import { effectiveSize, type Sampler, type ValueSample } from './sample.ts';

/** What images belong to: for each image its group's values in the order of the columns. */
export interface Partition {
  readonly columns: readonly string[];
  readonly groupOf: readonly (readonly string[])[];
}

/** A group of fewer images or persons than this says little. */
const LEAST_IMAGES = 30;
const LEAST_PERSONS = 10;

/** Names of the true label as a column: the head's, and that of the column which it was read from. */
export function labelColumns({ info: { model, settings } }: ResultSource): string[] {
  return [model.head.name, ...(typeof settings.column === 'string' ? [settings.column] : [])];
}

/** The columns of each image: those that the data brings, and the true label. */
export function imageColumns(images: ComparedImages, source: ResultSource): Record<string, string>[] {
  const { head } = source.info.model;
  const names = labelColumns(source);
  return Array.from({ length: images.count }, (_, i) => {
    const answers = images.answers.flatMap((row) => row[i] ?? []);
    const truth = answers[0].truth;
    const label = head.kind === 'classes' ? (head.labels?.[truth] ?? `class ${truth}`) : String(truth);
    return Object.assign(
      Object.fromEntries(names.map((name) => [name, label])),
      ...answers.map(({ groups }) => groups),
    ) as Record<string, string>;
  });
}

/**
 * The groups that one or several crossed columns make; undefined if no image has one of them. A column of more than 12
 * different numbers is taken by tens.
 */
export function partition(
  columns: readonly string[],
  known: readonly Readonly<Record<string, string>>[],
): Partition | undefined {
  const read = columns.map((column) =>
    byTens(known.map((groups) => (Object.hasOwn(groups, column) ? groups[column] : ''))),
  );
  if (read.some((values) => values.every((value) => value === ''))) return undefined;
  return { columns, groupOf: known.map((_, i) => read.map((values) => values[i] || 'unknown')) };
}

function byTens(values: readonly string[]): readonly string[] {
  const different = new Set(values.filter((value) => value !== ''));
  const areNumbers = [...different].every((value) => /^\d+(\.\d+)?$/.test(value));
  if (different.size <= 12 || !areNumbers) return values;
  return values.map((value) => {
    const ten = Math.floor(Number(value) / 10) * 10;
    return value === '' ? '' : `${ten}–${ten + 9}`;
  });
}

/**
 * Every entry by the groups of a partition, in one outcome; p-values are adjusted for all groups of all entries. A
 * group is tested against all images outside of it: a share by Fisher's exact test (of effective sizes, rounded, where
 * images show the same persons), a mean by its bootstrapped standard error.
 */
export function compareGroups(
  { columns, groupOf }: Partition,
  rows: readonly Row[],
  outcome: Outcome,
  sample: Sampler,
): Grouping[] {
  const names = new Map(groupOf.map((values) => [JSON.stringify(values), values]));
  const keys = groupOf.map((values) => JSON.stringify(values));
  // All samples are there before the first asks for resamples, which are drawn for all at once.
  const cells = rows.flatMap((row, entry) =>
    [...names].flatMap(([key, values]) => {
      const inside = sample(row.values.map((value, i) => (keys[i] === key ? value : undefined)));
      const rest = sample(
        row.values.map((value, i) => (keys[i] === key ? undefined : value)),
        false,
      );
      return inside.n > 0 ? [{ entry, values, inside, rest }] : [];
    }),
  );
  const tests = adjust(
    cells.map(({ entry, inside, rest }) => pOf(inside, rest, rows[entry].sample, outcome)),
  );
  const owns = adjust(
    cells.map(({ entry, values, inside }) => {
      if (columns.length < 2) return undefined;
      const parents = columns.map((_, axis) => {
        const isBeside = groupOf.map((other) =>
          other.every((value, k) => (value === values[k]) === (k !== axis)),
        );
        const key = JSON.stringify(values);
        const of = (isWanted: (i: number) => boolean) =>
          sample(
            rows[entry].values.map((value, i) => (isWanted(i) ? value : undefined)),
            outcome.kind === 'number',
          );
        return { rest: of((i) => isBeside[i]), both: of((i) => isBeside[i] || keys[i] === key) };
      });
      return ownP(inside, parents, outcome);
    }),
  );
  const groups = cells.map(({ entry, values, inside, rest }, i) => {
    const [test, own] = [tests[i], owns[i]];
    const group: Group = {
      values,
      estimate: estimate(inside, outcome.kind),
      gap: estimateGap(inside, rest, rows[entry].sample, outcome.kind),
      ...(test && { test }),
      ...(own && { own }),
      small: inside.n < LEAST_IMAGES || (inside.byPerson && inside.clusters < LEAST_PERSONS),
    };
    return { entry, group };
  });
  const worse = outcome.better === 'higher' ? 1 : -1;
  return rows.map((row, entry) => ({
    columns,
    entry,
    outcome: outcome.name,
    overall: estimate(row.sample, outcome.kind),
    groups: groups
      .filter((each) => each.entry === entry)
      .map(({ group }) => group)
      .sort((a, b) => Number(a.small) - Number(b.small) || worse * (a.gap.value - b.gap.value)),
  }));
}

function pOf(
  inside: ValueSample,
  rest: ValueSample,
  all: ValueSample,
  { kind }: Outcome,
): number | undefined {
  if (rest.n === 0 || inside.clusters < 2 || rest.clusters < 2) return undefined;
  if (kind === 'share') {
    const [n1, n2] = [Math.round(effectiveSize(inside)), Math.round(effectiveSize(rest))];
    return fisher(Math.round(inside.mean * n1), n1, Math.round(rest.mean * n2), n2);
  }
  const gaps = inside
    .resampled()
    .map((mean, i) => mean - all.resampled()[i])
    .filter((gap) => !Number.isNaN(gap));
  const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
  const variance = gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / (gaps.length - 1);
  return variance > 0 ? normalTwoSided((inside.mean - all.mean) / Math.sqrt(variance)) : undefined;
}

/**
 * The largest p-value of a crossed group's tests against the rest of each group that it is the crossing of: below a level
 * only where all are (an intersection–union test, which needs no adjustment for being several). 1 where it is better than
 * one and worse than another; undefined where one of them is nothing but the group.
 */
function ownP(
  inside: ValueSample,
  parents: readonly { readonly rest: ValueSample; readonly both: ValueSample }[],
  outcome: Outcome,
): number | undefined {
  const all = parents.map(({ rest, both }) => ({
    p: pOf(inside, rest, both, outcome),
    sign: Math.sign(inside.mean - rest.mean),
  }));
  if (!all.every(({ p }) => p !== undefined)) return undefined;
  return all.every(({ sign }) => sign === all[0].sign) ? Math.max(...all.map(({ p }) => p ?? 1)) : 1;
}
