import { type Description, summary } from '../../attribution/index.ts';
import { argmax, classLabel, prepare } from '../../classifier/index.ts';
import { fail, failRequest } from '../../common/error.ts';
import { count, isOrAre, plural } from '../../common/format.ts';
import { ordered } from '../../common/ordered.ts';
import { scoped } from '../../common/scope.ts';
import { version } from '../../common/version.ts';
import { field, words } from '../../common/words.ts';
import { type Dataset, pictureOf, type Sample } from '../../data/index.ts';
import { float32, type Head } from '../../graph/index.ts';
import {
  colormap,
  type FigureLayout,
  heatmaps,
  limitOf,
  renderHeatmap,
  type ScalarMap,
  writeNpy,
} from '../../image/index.ts';
import { type GridCell, layoutGrid } from '../../report/grid.ts';
import {
  addMap,
  deviationMap,
  joinMoments,
  type Moments,
  meanMap,
  noMaps,
} from '../../report/grid-moments.ts';
import { scaleOf } from '../explain/index.ts';
import type { Host } from '../host.ts';
import { fileName } from '../photos.ts';
import type { ProgressEvent, Watch } from '../verb.ts';
import {
  type Column,
  columnRecord,
  isTrue,
  type NamedModel,
  openColumn,
  targetOf,
  targetWords,
} from './column.ts';
import type { MeanGridRecord } from './record.ts';
import type { GridFields } from './request.ts';

const everything = 'all pictures';
const predictedColumn = 'predicted';

/** The sums of one column: by group, in the order in which groups are met. */
type Sums = Map<string, Moments>;

/** The models of one name, and their sums together. */
interface Averaged {
  readonly name: string;
  readonly models: Column[];
  readonly sums: Sums;
}

/** Average heatmaps per model and group. Errors: what is wrong with a model, the data, or one picture. */
export async function meanGrid(
  models: readonly NamedModel[],
  dataset: Dataset,
  fields: GridFields,
  host: Host,
  watch: Watch<ProgressEvent>,
): Promise<{ layout: FigureLayout; record: MeanGridRecord }> {
  if (dataset.size === 0) fail(dataset.name, 'it holds no pictures');
  checkColumns(dataset, fields.by);
  const columns = new Map<string, Averaged>();
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

  const all = [...columns.values()];
  const groups = [
    everything,
    ...[...new Set(all.flatMap(({ sums }) => [...sums.keys()]))]
      .filter((name) => name !== everything)
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true })),
  ];
  const { target, by, sharedScale, colors } = fields;
  const { withoutTruth, withoutGroup } = counts;
  const title = 'Average heatmaps';
  const subtitle = `Mean relevance for ${targetWords(target)} over ${plural(dataset.size, 'picture')} · ${summary(description)}`;
  const scale = sharedScale
    ? 'Means have one colour scale within a row, deviations another.'
    : 'Each map has a colour scale of its own.';
  const notes = [
    withoutTruth > 0 ? `${count(withoutTruth)} left out: their true class is not known.` : '',
    withoutGroup > 0
      ? `${count(withoutGroup)} ${isOrAre(withoutGroup)} in no group, for want of ${by?.join(' or ')}.`
      : '',
  ];
  const layout = layoutGrid({
    title,
    subtitle,
    columns: all.flatMap(({ name, models: each }) => [
      { title: name, note: `mean${each.length > 1 ? ` over ${each.length} models` : ''}` },
      { title: '', note: 'standard deviation' },
    ]),
    rows: groups.map((group) => rowOf(group, all, fields)),
    footer: `${scale} Maps are channel-summed relevance as the models give it; n counts heatmaps. Population standard deviation. ${notes.filter(Boolean).join(' ')} Drawn by limn ${version} with the colour map ${colors}.`,
  });
  const record: MeanGridRecord = {
    format: 'limn grid 1',
    kind: 'means',
    title,
    subtitle,
    target,
    models: all.flatMap(({ models: each }) => each.map(columnRecord)),
    explanation: description,
    data: { source: dataset.name, pictures: dataset.size, withoutTruth, withoutGroup, notes: dataset.notes },
    by,
    groups: groups.map((group) => ({
      group,
      counts: Object.fromEntries(all.map(({ name, sums }) => [name, sums.get(group)?.count ?? 0])),
    })),
    files: await writeMaps(all, fields.output, host),
  };
  return { layout, record };
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
  column: Column,
  dataset: Dataset,
  fields: GridFields,
  host: Host,
  counts: Counts,
  { on, signal }: { readonly on: () => void; readonly signal?: AbortSignal | undefined },
): Promise<{ column: Column; sums: Sums; how: Description | undefined }> {
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
    add(sums, everything, each.map, column.path);
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
  { classifier, explainer }: Column,
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

function rowOf(group: string, columns: readonly Averaged[], fields: GridFields): (GridCell | undefined)[] {
  const colours = colormap(fields.colors);
  const scale = scaleOf(fields);
  const maps = columns.map(({ sums }) => {
    const moments = sums.get(group);
    return moments && { n: moments.count, mean: meanMap(moments), deviation: deviationMap(moments) };
  });
  const shared = (kind: 'mean' | 'deviation') =>
    Math.max(0, ...maps.map((each) => (each ? limitOf(each[kind], scale) : 0)));
  return maps.flatMap((each) => {
    if (!each) return [undefined, undefined];
    return (['mean', 'deviation'] as const).map((kind): GridCell => {
      const limit = fields.sharedScale ? shared(kind) : limitOf(each[kind], scale);
      return {
        image: renderHeatmap(each[kind], colours, limit),
        enlarge: 'pixels',
        ...(kind === 'mean' ? { title: group, note: `n = ${count(each.n)}` } : { title: ' ', note: ' ' }),
        legend: { colours, limit },
      };
    });
  });
}

/**
 * What stands in the folder under such names as the maps will have. Which groups there are is known at the end only; that
 * a file is in the way should be known before.
 */
export async function mapsIn(
  { output, means }: GridFields,
  models: readonly string[],
  { kindOf, list, join }: Host['files'],
): Promise<string[]> {
  if (means === undefined || (await kindOf(output)) !== 'folder') return [];
  const stems = models.map((model) => `_${fileName(model)}_`);
  return (await list(output)).flatMap(({ name }) => {
    const stem = /^\d+(_.*)_(?:mean|sd)\.npy$/.exec(name)?.[1];
    return stem !== undefined && stems.some((each) => stem.startsWith(each)) ? [join(output, name)] : [];
  });
}

/** Writes every mean and deviation as .npy, H×W float32; returns the files' names. */
async function writeMaps(
  columns: readonly Averaged[],
  folder: string,
  { files }: Host,
): Promise<MeanGridRecord['files']> {
  const written: MeanGridRecord['files'][number][] = [];
  for (const { name: model, sums } of columns) {
    for (const [group, moments] of sums) {
      const stem = `${written.length + 1}_${fileName(model)}_${fileName(group)}`;
      const names = { mean: `${stem}_mean.npy`, deviation: `${stem}_sd.npy` };
      const { width, height } = moments;
      const write = (name: string, { data }: ScalarMap) =>
        files.write(files.join(folder, name), writeNpy(float32([height, width], data)));
      await write(names.mean, meanMap(moments));
      await write(names.deviation, deviationMap(moments));
      written.push({ model, group, n: moments.count, ...names });
    }
  }
  return written;
}
