import { summary } from '../../attribution/index.ts';
import { fail } from '../../common/error.ts';
import { count, isOrAre, plural } from '../../common/format.ts';
import { version } from '../../common/version.ts';
import type { Dataset } from '../../data/index.ts';
import { float32 } from '../../graph/index.ts';
import {
  colormap,
  type FigureLayout,
  limitOf,
  renderHeatmap,
  type ScalarMap,
  writeNpy,
} from '../../image/index.ts';
import { type GridCell, layoutGrid } from '../../report/grid.ts';
import { deviationMap, meanMap } from '../../report/grid-moments.ts';
import { heatmapScaleOf } from '../explain/index.ts';
import type { Host } from '../host.ts';
import { fileName } from '../photos.ts';
import type { ProgressEvent, Watch } from '../verb.ts';
import { type AveragedColumn, type Averages, averageMaps, EVERY_PICTURE } from './averages.ts';
import { columnRecord, type NamedModel, targetWords } from './column.ts';
import type { MeanGridRecord } from './record.ts';
import type { GridFields } from './request.ts';

/** Average heatmaps per model and group. Errors: what is wrong with a model, the data, or one picture. */
export async function meanGrid(
  models: readonly NamedModel[],
  dataset: Dataset,
  fields: GridFields,
  host: Host,
  watch: Watch<ProgressEvent>,
): Promise<{ layout: FigureLayout; record: MeanGridRecord }> {
  if (dataset.size === 0) fail(dataset.name, 'it holds no pictures');
  const averages = await averageMaps(models, dataset, fields, host, watch);
  const { columns, description, withoutTruth, withoutGroup } = averages;
  const { target, by } = fields;
  const groups = groupsOf(columns);
  const title = 'Average heatmaps';
  const subtitle = `Mean relevance for ${targetWords(target)} over ${plural(dataset.size, 'picture')} · ${summary(description)}`;
  const layout = layoutGrid({
    title,
    subtitle,
    columns: columns.flatMap(({ name, models: each }) => [
      { title: name, note: `mean${each.length > 1 ? ` over ${each.length} models` : ''}` },
      { title: '', note: 'standard deviation' },
    ]),
    rows: groups.map((group) => rowOf(group, columns, fields)),
    footer: footerOf(averages, fields),
  });
  const record: MeanGridRecord = {
    format: 'limn grid 1',
    kind: 'means',
    title,
    subtitle,
    target,
    models: columns.flatMap(({ models: each }) => each.map(columnRecord)),
    explanation: description,
    data: { source: dataset.name, pictures: dataset.size, withoutTruth, withoutGroup, notes: dataset.notes },
    by,
    groups: groups.map((group) => ({
      group,
      counts: Object.fromEntries(columns.map(({ name, sums }) => [name, sums.get(group)?.count ?? 0])),
    })),
    files: await writeMaps(columns, fields.output, host),
  };
  return { layout, record };
}

/** The groups of all columns by name, behind that of all pictures. */
const groupsOf = (columns: readonly AveragedColumn[]): string[] => [
  EVERY_PICTURE,
  ...[...new Set(columns.flatMap(({ sums }) => [...sums.keys()]))]
    .filter((name) => name !== EVERY_PICTURE)
    .sort((a, b) => a.localeCompare(b, 'en', { numeric: true })),
];

/** What the colours and numbers mean, and what was left out. */
function footerOf({ withoutTruth, withoutGroup }: Averages, { sharedScale, by, colors }: GridFields): string {
  const scale = sharedScale
    ? 'Means have one colour scale within a row, deviations another.'
    : 'Each map has a colour scale of its own.';
  const notes = [
    withoutTruth > 0 ? `${count(withoutTruth)} left out: their true class is not known.` : '',
    withoutGroup > 0
      ? `${count(withoutGroup)} ${isOrAre(withoutGroup)} in no group, for want of ${by?.join(' or ')}.`
      : '',
  ];
  return `${scale} Maps are channel-summed relevance as the models give it; n counts heatmaps. Population standard deviation. ${notes.filter(Boolean).join(' ')} Drawn by limn ${version} with the colour map ${colors}.`;
}

function rowOf(
  group: string,
  columns: readonly AveragedColumn[],
  fields: GridFields,
): (GridCell | undefined)[] {
  const colours = colormap(fields.colors);
  const scale = heatmapScaleOf(fields);
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
  columns: readonly AveragedColumn[],
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
