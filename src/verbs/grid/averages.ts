import type { Description } from '../../attribution/index.ts';
import { argmax, classLabel, prepare } from '../../classifier/index.ts';
import { fail, failRequest } from '../../common/error.ts';
import { ordered } from '../../common/ordered.ts';
import { scoped } from '../../common/scope.ts';
import { field, words } from '../../common/words.ts';
import { type Dataset, pictureOf, type Sample } from '../../data/index.ts';
import type { Head } from '../../graph/index.ts';
import { heatmaps, type ScalarMap } from '../../image/index.ts';
import { addMap, joinMoments, type Moments, noMaps } from '../../report/grid-moments.ts';
import type { Host } from '../host.ts';
import type { ProgressEvent, Watch } from '../verb.ts';
import { type GridColumn, isTrue, type NamedModel, openColumn, targetOf } from './column.ts';
import type { GridFields } from './request.ts';

/** The group that every picture is in. */
export const EVERY_PICTURE = 'all pictures';

const predictedColumn = 'predicted';

/** The sums of one column: by group, in the order in which groups are met. */
type Sums = Map<string, Moments>;

/** The models of one name, and their sums together. */
export interface AveragedColumn {
  readonly name: string;
  readonly models: readonly GridColumn[];
  readonly sums: ReadonlyMap<string, Moments>;
}

/** The heatmaps of all models over a data set, summed up. */
export interface Averages {
  /** In the order in which their names first come. */
  readonly columns: readonly AveragedColumn[];
  /** How the first model's heatmaps were made. */
  readonly description: Description;
  readonly withoutTruth: number;
  readonly withoutGroup: number;
}

/**
 * Explains every picture by every model and sums the heatmaps up, by group and by the models' names. Errors: a column that
 * the data lack; what is wrong with a model or one picture; no picture has a true class.
 */
export async function averageMaps(
  models: readonly NamedModel[],
  dataset: Dataset,
  fields: GridFields,
  host: Host,
  watch: Watch<ProgressEvent>,
): Promise<Averages> {
  checkColumns(dataset, fields.by);
  const columns = new Map<string, { name: string; models: GridColumn[]; sums: Sums }>();
  const counts: Counts = { done: 0, withoutTruth: 0, withoutGroup: 0 };
  const total = dataset.size * models.length;
  const tell = () => watch.on?.({ kind: 'progress', what: 'heatmaps', done: counts.done, total });
  let description: Description | undefined;
  for (const named of models) {
    const { column, sums, how } = await scoped(async (own) => {
      const opened = await openColumn(named, dataset.size, fields, host);
      own(opened.explainer);
      return sumUp(opened, dataset, fields, host, counts, { ...watch, on: tell });
    });
    description ??= how;
    const known = columns.get(named.name);
    if (!known) columns.set(named.name, { name: named.name, models: [column], sums });
    else {
      known.models.push(column);
      for (const [group, moments] of sums) {
        const before = known.sums.get(group);
        known.sums.set(group, before ? joinMoments(before, moments, named.path) : moments);
      }
    }
  }
  if (!description)
    return fail(dataset.name, 'no picture has a true class', words`check ${field('truthColumn')}`);
  const { withoutTruth, withoutGroup } = counts;
  return { columns: [...columns.values()], description, withoutTruth, withoutGroup };
}

function checkColumns(
  { labelColumns, groupColumns, name }: Dataset,
  by: readonly string[] | undefined = [],
): void {
  const known = [...labelColumns, ...groupColumns, predictedColumn];
  for (const column of by) {
    if (!known.includes(column)) {
      failRequest(words`${field('by')}`, `${name} has no column '${column}'`, `use ${known.join(', ')}`);
    }
  }
}

/** What happened over all models. */
interface Counts {
  done: number;
  withoutTruth: number;
  withoutGroup: number;
}

/** The sums of one model's heatmaps over all samples, by group. */
async function sumUp(
  column: GridColumn,
  dataset: Dataset,
  fields: GridFields,
  host: Host,
  counts: Counts,
  { on, signal }: { readonly on: () => void; readonly signal?: AbortSignal | undefined },
): Promise<{ column: GridColumn; sums: Sums; how: Description | undefined }> {
  const truthOf = truthReader(dataset, column.classifier.head, fields);
  const sums: Sums = new Map();
  let how: Description | undefined;
  const task = (sample: Sample) => {
    signal?.throwIfAborted();
    return explainSample(column, sample, truthOf(sample), fields, host);
  };
  for await (const each of ordered(dataset.samples(), task, column.workers + 2)) {
    counts.done++;
    on();
    signal?.throwIfAborted();
    if (each === undefined) {
      counts.withoutTruth++;
      continue;
    }
    how ??= each.description;
    add(sums, EVERY_PICTURE, each.map, column.path);
    const group = groupOf(dataset, each.sample, each.predicted, fields.by);
    if (group !== undefined) add(sums, group, each.map, column.path);
    else if (fields.by) counts.withoutGroup++;
  }
  return { column, sums, how };
}

/** How a sample's true class is found for a head; undefined where it has none. Errors: no column of true classes. */
function truthReader(dataset: Dataset, head: Head, { target, truthColumn }: GridFields) {
  if (!isTrue(target)) return () => 'unused' as const;
  const { labelColumns } = dataset;
  const column =
    truthColumn ??
    (labelColumns.length === 1 ? labelColumns[0] : labelColumns.find((name) => name === head.name));
  if (column === undefined || !labelColumns.includes(column)) {
    return failRequest(
      words`${field('truthColumn')}`,
      `${dataset.name} has no label column '${column ?? head.name}'`,
      `use one of ${labelColumns.join(', ')}`,
    );
  }
  return (sample: Sample): number | undefined => {
    const label = sample.labels[column];
    if (label === undefined || typeof label === 'number') return label;
    const index = (head.labels ?? dataset.classes[column] ?? []).indexOf(label);
    return index >= 0
      ? index
      : fail(
          sample.name,
          `its label '${label}' is no class of '${head.name}'`,
          words`see ${field('ages')} and ${field('genders')}`,
        );
  };
}

async function explainSample(
  { classifier, explainer }: GridColumn,
  sample: Sample,
  truth: number | 'unused' | undefined,
  fields: GridFields,
  host: Host,
) {
  if (truth === undefined) return undefined;
  const { name } = sample;
  const photo = await pictureOf(await sample.content(), name, host.images.decode);
  const target = targetOf(fields.target, truth === 'unused' ? undefined : truth, name);
  const explanation = await explainer.explain(prepare(classifier, photo, { name }), { target });
  const [map] = heatmaps(explanation.relevance, fields.pooling, name);
  const { head } = classifier;
  const best = argmax(explanation.scores.data);
  const predicted = head.kind === 'number' ? head.name : classLabel(head.labels, best);
  return { sample, map, description: explanation.description, predicted };
}

function add(sums: Sums, group: string, map: ScalarMap, name: string): void {
  const moments = sums.get(group) ?? noMaps(map.width, map.height);
  addMap(moments, map, name);
  sums.set(group, moments);
}

/** The group of a sample: its values in the columns, joined; undefined where one has none. */
function groupOf(
  { classes }: Dataset,
  { labels, groups }: Sample,
  predicted: string,
  by: readonly string[] | undefined,
): string | undefined {
  if (!by) return undefined;
  const values = by.map((column) => {
    const label = column in labels ? labels[column] : column === predictedColumn ? predicted : groups[column];
    const name = typeof label === 'number' ? (classes[column]?.[label] ?? `${column} ${label}`) : label;
    return column === predictedColumn && name ? `predicted ${name}` : name;
  });
  return values.some((value) => value === undefined || value === '') ? undefined : values.join(' · ');
}
