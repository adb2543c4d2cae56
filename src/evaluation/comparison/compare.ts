import { fail } from '../../common/error.ts';
import { groupedBy } from '../../common/groups.ts';
import { field, words } from '../../common/words.ts';
import { byFold, spreadOf } from '../folds.ts';
import { measure } from '../measures.ts';
import { checkClasses } from '../prediction.ts';
import type { Answer } from '../result.ts';
import type { Resampling } from '../statistics/bootstrap.ts';
import type { ComparedEntry, Comparison, Estimate, OutcomeName, TargetComparison } from './comparison.ts';
import { checkData, settingsNotes, skippedNotes } from './differences.ts';
import { type PooledResult, poolFolds, type ResultSource } from './entries.ts';
import { estimate } from './estimate.ts';
import { compareGroups, imageColumns, labelColumns, partition } from './groups.ts';
import { alignImages } from './images.ts';
import { type Outcome, outcomesOf } from './outcome.ts';
import { comparePairs, type Row } from './pairs.ts';
import { sampler } from './sample.ts';

/** What is held against what, and in which groups. */
export interface CompareOptions extends Partial<Resampling> {
  /** The name of the entry that all others are held against, instead of all pairs. */
  readonly baseline?: string | undefined;
  /** Tables by group: each a list of columns, crossed. */
  readonly groupBy?: readonly (readonly string[])[] | undefined;
  /** Hold results of different data against each other on the images that they share. */
  readonly allowDifferentData?: boolean | undefined;
}

/**
 * Compares evaluations: every model's measures with 95 % intervals, all pairs of models on the same images, and groups
 * of images. Results of a model's folds are put together; what is predicted (age, gender) is compared separately.
 * Errors: results of different data, the same fold twice, an unknown baseline or column.
 */
export function compareResults(sources: readonly ResultSource[], options: CompareOptions = {}): Comparison {
  const { resamples = 2000, seed = 1 } = options;
  const entries = poolFolds(sources);
  const { baseline } = options;
  if (baseline !== undefined && !entries.some(({ name }) => name === baseline)) {
    const names = [...new Set(entries.map(({ name }) => `'${name}'`))].join(', ');
    fail(words`${field('baseline', baseline)}`, 'none of the results has this name', `choose from ${names}`);
  }
  const targets = groupedBy(entries, keyOf);
  const names = [...targets.values()].map((each) => targetOf(each[0]));
  checkColumns(options.groupBy ?? [], entries);
  return {
    resamples,
    seed,
    targets: [...targets.values()].map((each, i) => {
      const isAmbiguous = names.filter((name) => name === names[i]).length > 1;
      const { kind, classes } = kindOf(each[0]);
      const note = kind === 'number' ? ' (number)' : ` (${classes} classes)`;
      return compareTarget(isAmbiguous ? names[i] + note : names[i], each, { resamples, seed }, options);
    }),
  };
}

/** Errors: a column that no image has. */
function checkColumns(groupBy: readonly (readonly string[])[], entries: readonly PooledResult[]): void {
  if (groupBy.length === 0) return;
  const known = new Set<string>();
  for (const { sources, answers } of entries) {
    for (const name of labelColumns(sources[0])) known.add(name);
    for (const { groups } of answers) {
      for (const [name, value] of Object.entries(groups)) if (value !== '') known.add(name);
    }
  }
  const missing = groupBy.flat().find((column) => !known.has(column));
  if (missing !== undefined) {
    fail(
      words`${field('groupBy', missing)}`,
      'no image has this column',
      `choose from ${[...known].join(', ')}`,
    );
  }
}

/** What a result predicts. */
const targetOf = ({ sources }: PooledResult): string => sources[0].info.model.head.name;

function kindOf({ sources, answers }: PooledResult): { kind: 'classes' | 'number'; classes: number } {
  const { kind } = sources[0].info.model.head;
  return { kind, classes: kind === 'number' ? 1 : (answers[0]?.scores.length ?? 0) };
}

const keyOf = (entry: PooledResult): string => JSON.stringify([targetOf(entry), kindOf(entry)]);

function compareTarget(
  target: string,
  entries: readonly PooledResult[],
  resampling: Resampling,
  { baseline, groupBy = [], allowDifferentData = false }: CompareOptions,
): TargetComparison {
  for (const { sources, answers } of entries) {
    if (answers.length === 0) fail(sources[0].source, 'holds no answers', 'evaluate again');
    if (sources[0].info.model.head.kind === 'classes') checkClasses(answers);
  }
  const images = alignImages(entries);
  const dataNotes = checkData(entries, images, allowDifferentData);
  const sample = sampler(images, resampling);
  // Ages are ordered for all as soon as one result says so.
  const ordered = entries.find(({ sources }) => sources[0].info.ordered) ?? entries[0];
  const { info } = ordered.sources[0];
  const outcomes = outcomesOf(info);
  const rows = new Map<Outcome, Row[]>(
    outcomes.map((outcome) => [
      outcome,
      images.answers.map((answers) => {
        const values = answers.map((answer) => answer && outcome.of(answer));
        return { values, sample: sample(values) };
      }),
    ]),
  );
  const place = entries.findIndex(({ name }) => name === baseline);
  const wanted = pairsOf(entries.length, place < 0 ? undefined : place);
  const pairs = outcomes.flatMap((outcome) =>
    comparePairs(wanted, rows.get(outcome)!, outcome, images, sample, resampling.seed),
  );
  const columns = groupBy.length > 0 ? imageColumns(images, ordered.sources[0]) : [];
  const partitions = groupBy.flatMap((each) => partition(each, columns) ?? []);
  const without = groupBy.filter((each) => !partition(each, columns)).map((each) => each.join(' × '));
  const { labels } = info.model.head;
  return {
    target,
    kind: info.model.head.kind,
    ...(labels && { labels }),
    outcomes: outcomes.map(({ of: _, ...outcome }) => outcome),
    images: images.count,
    ...(images.byPerson && { persons: images.clusters }),
    entries: entries.map((entry, e) => summarise(entry, outcomes, (outcome) => rows.get(outcome)![e])),
    ...(place >= 0 && { baseline: place }),
    pairs,
    groupings: partitions.flatMap((each) =>
      outcomes.flatMap((outcome) => compareGroups(each, rows.get(outcome)!, outcome, sample)),
    ),
    notes: [
      ...dataNotes,
      ...settingsNotes(entries),
      ...skippedNotes(entries),
      ...without.map((by) => `${target}: the data does not say ${by}, so that there is no table by it.`),
    ],
  };
}

function pairsOf(count: number, baseline: number | undefined): [number, number][] {
  const all = Array.from({ length: count }, (_, i) => i);
  if (baseline !== undefined) return all.filter((i) => i !== baseline).map((i) => [i, baseline]);
  return all.flatMap((i) => all.slice(i + 1).map((j): [number, number] => [i, j]));
}

function summarise(
  { name, place, sources, answers }: PooledResult,
  outcomes: readonly Outcome[],
  rowOf: (outcome: Outcome) => Row,
): ComparedEntry {
  const folds = byFold(answers);
  return {
    name,
    place,
    results: sources.map(({ source, info }) => ({ source, info })),
    values: record(outcomes, (outcome): Estimate => estimate(rowOf(outcome).sample, outcome.kind)),
    measures: measure({ info: sources[0].info, answers }),
    ...(folds.size > 1 && { folds: foldsOf(folds, outcomes) }),
  };
}

function foldsOf(
  folds: ReadonlyMap<string, readonly Answer[]>,
  outcomes: readonly Outcome[],
): NonNullable<ComparedEntry['folds']> {
  const each = [...folds].map(([fold, answers]) => ({
    fold,
    n: answers.length,
    values: record(
      outcomes,
      ({ of }) => answers.reduce((sum, answer) => sum + of(answer), 0) / answers.length,
    ),
  }));
  return { each, spread: record(outcomes, ({ name }) => spreadOf(each.map(({ values }) => values[name]!))) };
}

const record = <T>(
  outcomes: readonly Outcome[],
  of: (outcome: Outcome) => T,
): Partial<Record<OutcomeName, T>> =>
  Object.fromEntries(outcomes.map((outcome) => [outcome.name, of(outcome)]));
