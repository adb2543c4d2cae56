import { join } from 'node:path';
import { type Description, summary } from '../attribution/index.ts';
import { fail, failRequest } from '../common/error.ts';
import { count, plural } from '../common/format.ts';
import { ordered } from '../common/ordered.ts';
import type { Outputs } from '../common/outputs.node.ts';
import { scoped } from '../common/scope.ts';
import { version } from '../common/version.ts';
import type { Dataset, Sample } from '../data/index.ts';
import { pictureOf } from '../data/pictures.node.ts';
import { float32, type Head } from '../graph/index.ts';
import {
  colormap,
  type FigureLayout,
  limitOf,
  preprocess,
  renderHeatmap,
  type ScalarMap,
  writeNpy,
} from '../image/index.ts';
import { type GridCell, layoutGrid } from '../report/grid.ts';
import { addMap, deviationMap, joinMoments, type Moments, meanMap, noMaps } from '../report/grid-moments.ts';
import { scaleOf } from '../verbs/explain/index.ts';
import { complainOfMissing, openSource } from './dataset.ts';
import {
  type GridModel,
  isTrue,
  labelOf,
  openGridModel,
  recordOf,
  targetOf,
  targetWords,
} from './grid-model.ts';
import type { GridOptions, GridRecord, NamedModel } from './grid-options.ts';
import { fileName } from './output.ts';
import { Progress } from './progress.ts';
import { heatOf } from './results.ts';

const everything = 'all pictures';
const predictedColumn = 'predicted';

/** The sums of one column: by group, in the order in which groups are met. */
type Sums = Map<string, Moments>;

/** Average heatmaps per model and group. Errors: what is wrong with a model, the data, or one picture. */
export async function meanGrid(
  outputs: Outputs,
  models: readonly NamedModel[],
  data: string,
  options: GridOptions,
): Promise<{ layout: FigureLayout; record: GridRecord }> {
  const dataset = await openSource(data, options);
  outputs.reads(dataset.files);
  await complainOfMissing(dataset);
  if (dataset.size === 0) fail(data, 'it holds no pictures');
  checkColumns(dataset, options.by);
  const columns = new Map<string, { opened: GridModel[]; sums: Sums }>();
  const progress = new Progress('heatmaps');
  let description: Description | undefined;
  let [done, withoutGroup, withoutTruth] = [0, 0, 0];
  for (const named of models) {
    const opened = await openGridModel(named, dataset.size, options);
    const truthOf = truthReader(dataset, opened.head, options);
    const sums: Sums = new Map();
    const task = (sample: Sample) => explainSample(opened, sample, truthOf(sample), options);
    await scoped(async (own) => {
      own(opened.explainer);
      for await (const each of ordered(dataset.samples(), task, opened.workers + 2)) {
        progress.at(++done, dataset.size * models.length);
        if (each === undefined) {
          withoutTruth++;
          continue;
        }
        description ??= each.description;
        add(sums, everything, each.map, named.path);
        const group = groupOf(dataset, each.sample, each.predicted, options.by);
        if (group !== undefined) add(sums, group, each.map, named.path);
        else if (options.by) withoutGroup++;
      }
    });
    const known = columns.get(named.name);
    if (known) {
      known.opened.push(opened);
      for (const [group, moments] of sums) {
        const before = known.sums.get(group);
        known.sums.set(group, before ? joinMoments(before, moments, named.path) : moments);
      }
    } else columns.set(named.name, { opened: [opened], sums });
  }
  progress.clear();
  if (!description) fail(data, 'no picture has a true class', 'check --truth-column');

  const all = [...columns.entries()];
  const groups = [
    everything,
    ...[...new Set(all.flatMap(([, { sums }]) => [...sums.keys()]))]
      .filter((name) => name !== everything)
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true })),
  ];
  const rows = groups.map((group) => rowOf(group, all, options));
  const files = await writeMaps(outputs, all, options.output);
  const title = 'Average heatmaps';
  const subtitle = `Mean relevance for ${targetWords(options.target)} over ${plural(dataset.size, 'picture')} · ${summary(description)}`;
  const notes = [
    withoutTruth > 0 ? `${count(withoutTruth)} left out: their true class is not known.` : '',
    withoutGroup > 0
      ? `${count(withoutGroup)} are in no group, for want of ${options.by!.join(' or ')}.`
      : '',
  ];
  const layout = layoutGrid({
    title,
    subtitle,
    columns: all.flatMap(([name, { opened }]) => [
      { title: name, note: `mean${opened.length > 1 ? ` over ${opened.length} models` : ''}` },
      { title: '', note: 'standard deviation' },
    ]),
    rows,
    footer: `${options.sharedScale ? 'Means have one colour scale within a row, deviations another.' : 'Each map has a colour scale of its own.'} Maps are channel-summed relevance as the models give it; n counts heatmaps. Population standard deviation. ${notes.filter(Boolean).join(' ')} Drawn by limn ${version} with the colour map ${options.colors}.`,
  });
  const record: GridRecord = {
    kind: 'means',
    title,
    subtitle,
    target: options.target,
    models: all.flatMap(([, { opened }]) => opened.map(recordOf)),
    explanation: description,
    data: { source: dataset.name, pictures: dataset.size, withoutTruth, withoutGroup, notes: dataset.notes },
    by: options.by,
    groups: groups.map((group) => ({
      group,
      counts: Object.fromEntries(all.map(([name, { sums }]) => [name, sums.get(group)?.count ?? 0])),
    })),
    files,
  };
  return { layout, record };
}

function checkColumns({ labelColumns, groupColumns, name }: Dataset, by: readonly string[] = []): void {
  const known = [...labelColumns, ...groupColumns, predictedColumn];
  for (const column of by) {
    if (!known.includes(column))
      failRequest('--by', `${name} has no column '${column}'`, `use ${known.join(', ')}`);
  }
}

/** How a sample's true class is found for a head; undefined where it has none. Errors: no column of true classes. */
function truthReader(dataset: Dataset, head: Head, { target, truthColumn }: GridOptions) {
  if (!isTrue(target)) return () => 'unused' as const;
  const { labelColumns } = dataset;
  const column =
    truthColumn ??
    (labelColumns.length === 1 ? labelColumns[0]! : labelColumns.find((name) => name === head.name));
  if (column === undefined || !labelColumns.includes(column)) {
    return failRequest(
      '--truth-column',
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
      : fail(sample.name, `its label '${label}' is no class of '${head.name}'`, 'see --ages and --genders');
  };
}

async function explainSample(
  { model, how, head, explainer, path }: GridModel,
  sample: Sample,
  truth: number | 'unused' | undefined,
  options: GridOptions,
) {
  if (truth === undefined) return undefined;
  const photo = await pictureOf(await sample.content(), sample.name);
  const input = preprocess([photo], how, { crops: 'center', names: [sample.name] });
  if (model.graph.inputs[0]!.shape[1] !== input.shape[1])
    fail(path, 'it takes other channels than its preprocessing gives');
  const explanation = await explainer.explain(input, {
    target: targetOf(options.target, truth === 'unused' ? undefined : truth, sample.name),
  });
  const { map } = heatOf(explanation, 0, options.pooling, scaleOf(options), sample.name);
  const { data } = explanation.scores;
  const best = data.reduce((winner, score, i) => (score > data[winner]! ? i : winner), 0);
  const { description } = explanation;
  return { sample, map, description, predicted: head.kind === 'number' ? head.name : labelOf(best, head) };
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

function rowOf(
  group: string,
  columns: readonly (readonly [string, { readonly sums: Sums }])[],
  options: GridOptions,
): (GridCell | undefined)[] {
  const colours = colormap(options.colors);
  const maps = columns.map(([, { sums }]) => {
    const moments = sums.get(group);
    return moments && { n: moments.count, mean: meanMap(moments), deviation: deviationMap(moments) };
  });
  const shared = (kind: 'mean' | 'deviation') =>
    Math.max(0, ...maps.map((each) => (each ? limitOf(each[kind], scaleOf(options)) : 0)));
  return maps.flatMap((each) => {
    if (!each) return [undefined, undefined];
    return (['mean', 'deviation'] as const).map((kind): GridCell => {
      const limit = options.sharedScale ? shared(kind) : limitOf(each[kind], scaleOf(options));
      return {
        image: renderHeatmap(each[kind], colours, limit),
        enlarge: 'pixels',
        ...(kind === 'mean' ? { title: group, note: `n = ${count(each.n)}` } : { title: ' ', note: ' ' }),
        legend: { colours, limit },
      };
    });
  });
}

/** Writes every mean and deviation as .npy, H×W float32; returns the files' names. */
async function writeMaps(
  outputs: Outputs,
  columns: readonly (readonly [string, { readonly sums: Sums }])[],
  folder: string,
): Promise<{ model: string; group: string; n: number; mean: string; deviation: string }[]> {
  const files: { model: string; group: string; n: number; mean: string; deviation: string }[] = [];
  for (const [model, { sums }] of columns) {
    for (const [group, moments] of sums) {
      const stem = `${files.length + 1}_${fileName(model)}_${fileName(group)}`;
      const names = { mean: `${stem}_mean.npy`, deviation: `${stem}_sd.npy` };
      const { width, height } = moments;
      const write = (name: string, { data }: ScalarMap) =>
        outputs.write(join(folder, name), writeNpy(float32([height, width], data)));
      await write(names.mean, meanMap(moments));
      await write(names.deviation, deviationMap(moments));
      files.push({ model, group, n: moments.count, ...names });
    }
  }
  return files;
}
