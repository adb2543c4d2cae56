import type { Description } from '../../attribution/index.ts';
import { argmax, classLabel, prepare } from '../../classifier/index.ts';
import { fail, failRequest } from '../../common/error.ts';
import { distinct, groupedBy } from '../../common/groups.ts';
import { ordered } from '../../common/ordered.ts';
import { scoped } from '../../common/scope.ts';
import { field, words } from '../../common/words.ts';
import { type Dataset, pictureOf, type Sample } from '../../data/index.ts';
import type { Head } from '../../graph/index.ts';
import { heatmaps, type ScalarMap } from '../../image/index.ts';
import { addMap, type Moments, mergeMaps, noMaps } from '../../report/grid-moments.ts';
import type { Host } from '../host.ts';
import type { ProgressEvent, Watch } from '../verb.ts';
import {
  type ColumnRecord,
  columnRecord,
  type GridColumn,
  isTrue,
  type NamedModel,
  openColumn,
  targetOf,
} from './column.ts';
import type { GridFields } from './request.ts';

/** The group that every picture is in. */
export const EVERY_PICTURE = 'all pictures';

const predictedColumn = 'predicted';

/** One of the models of a name, and what its heatmaps say of themselves. */
export interface SummedModel {
  readonly record: ColumnRecord;
  /** In the order in which they are met. */
  readonly groups: readonly string[];
  /** How its heatmaps were made; absent where no picture has a true class. */
  readonly description?: Description | undefined;
}

/** The models of one name, and the sums of all their heatmaps by group. */
export interface SummedColumn {
  readonly name: string;
  readonly models: readonly SummedModel[];
  readonly sums: ReadonlyMap<string, Moments>;
}

/** Heatmaps that were left out. */
export interface LeftOutCounts {
  withoutTruth: number;
  withoutGroup: number;
}

/** What the sums are over: pictures of a data set, `to` not included. */
interface PicturesOf {
  readonly dataset: Dataset;
  readonly from: number;
  readonly to: number;
}

/**
 * Explains pictures by every model and sums the heatmaps up, by group and by the models' names: a column after the other, in the
 * order in which their names first come, so that whoever takes them need not hold all their sums at once. Errors: a
 * column that the data lack; what is wrong with a model or one picture.
 */
export async function* sumColumns(
  models: readonly NamedModel[],
  pictures: PicturesOf,
  fields: GridFields,
  host: Host,
  watch: Watch<ProgressEvent>,
): AsyncGenerator<SummedColumn & LeftOutCounts, void> {
  checkColumns(pictures.dataset, fields.by);
  const total = (pictures.to - pictures.from) * models.length;
  let done = 0;
  const tell = () => watch.on?.({ kind: 'progress', what: 'heatmaps', done: ++done, total });
  for (const [name, own] of groupedBy(models, (each) => each.name)) {
    const sums = new Map<string, Moments>();
    const leftOut: LeftOutCounts = { withoutTruth: 0, withoutGroup: 0 };
    const summed: SummedModel[] = [];
    for (const named of own)
      summed.push(
        await scoped(async (opened) => {
          const column = await openColumn(named, pictures.dataset.size, fields, host);
          opened(column.explainer);
          return sumUp(column, pictures, { fields, host, sums, leftOut }, { ...watch, on: tell });
        }),
      );
    yield { name, models: summed, sums, ...leftOut };
  }
}

/** A column of a part of the pictures, whose sums are read when they are asked for. */
export interface KeptSummedColumn extends Pick<SummedColumn, 'name' | 'models'> {
  /** The sums of a group; undefined where the part has none of it. */
  moments(group: string): Promise<Moments | undefined>;
}

/** The models of the same column of several parts of the pictures, in their order, as one run meets them. */
export const joinModels = (parts: readonly KeptSummedColumn[]): readonly SummedModel[] =>
  parts[0].models.map(({ record }, i) => {
    const each = parts.map(({ models }) => models[i]);
    return {
      record,
      groups: distinct(each.flatMap(({ groups }) => groups)),
      description: each.find(({ description }) => description)?.description,
    };
  });

/** The sums of a group over all parts: those of one run, to the last bit. Holds those of two parts at a time. */
export async function joinMoments(
  parts: readonly KeptSummedColumn[],
  group: string,
): Promise<Moments | undefined> {
  let joined: Moments | undefined;
  for (const { name, moments } of parts) {
    const more = await moments(group);
    if (joined && more) mergeMaps(joined, more, name);
    else joined ??= more;
  }
  return joined;
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

/** What the heatmaps of a model are added to, and how they are made. */
interface Summing {
  readonly fields: GridFields;
  readonly host: Host;
  readonly sums: Map<string, Moments>;
  readonly leftOut: LeftOutCounts;
}

/** Adds one model's heatmaps of the pictures to the sums, by group. */
async function sumUp(
  column: GridColumn,
  { dataset, from, to }: PicturesOf,
  { fields, host, sums, leftOut }: Summing,
  { on, signal }: { readonly on: () => void; readonly signal?: AbortSignal | undefined },
): Promise<SummedModel> {
  const truthOf = truthReader(dataset, column.classifier.head, fields);
  const groups = new Set<string>();
  let description: Description | undefined;
  const task = (sample: Sample) => {
    signal?.throwIfAborted();
    return explainSample(column, sample, truthOf(sample), fields, host);
  };
  const add = (group: string, map: ScalarMap): void => {
    groups.add(group);
    const moments = sums.get(group) ?? noMaps(map.width, map.height);
    addMap(moments, map, column.path);
    sums.set(group, moments);
  };
  for await (const each of ordered(first(to - from, dataset.samples(from)), task, column.workers + 2)) {
    on();
    signal?.throwIfAborted();
    if (each === undefined) {
      leftOut.withoutTruth++;
      continue;
    }
    description ??= each.description;
    add(EVERY_PICTURE, each.map);
    const group = groupOf(dataset, each.sample, each.predicted, fields.by);
    if (group !== undefined) add(group, each.map);
    else if (fields.by) leftOut.withoutGroup++;
  }
  return { record: columnRecord(column), groups: [...groups], description };
}

/** The first of some items. */
async function* first<T>(count: number, items: AsyncIterable<T>): AsyncGenerator<T, void> {
  if (count <= 0) return;
  let taken = 0;
  for await (const item of items) {
    yield item;
    if (++taken === count) return;
  }
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
