import { summary } from '../../attribution/index.ts';
import { fail } from '../../common/error.ts';
import { count, isOrAre, plural } from '../../common/format.ts';
import { distinct } from '../../common/groups.ts';
import { version } from '../../common/version.ts';
import { field, words } from '../../common/words.ts';
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
import { deviationMap, type Moments, meanMap } from '../../report/grid-moments.ts';
import { heatmapScaleOf } from '../explain/index.ts';
import type { Host } from '../host.ts';
import { fileName } from '../photos.ts';
import type { ProgressEvent, Watch } from '../verb.ts';
import {
  EVERY_PICTURE,
  joinModels,
  joinMoments,
  type KeptSummedColumn,
  type LeftOutCounts,
  type SummedColumn,
  type SummedModel,
  sumColumns,
} from './averages.ts';
import { type NamedModel, targetWords } from './column.ts';
import type { MeanGridRecord } from './record.ts';
import type { GridFields } from './request.ts';

/** What the heatmaps of a group are on average. */
interface GroupMean {
  readonly n: number;
  readonly mean: ScalarMap;
  readonly deviation: ScalarMap;
}

/** The models of one name, and the means of all their heatmaps by group. */
export interface MeanColumn {
  readonly name: string;
  readonly models: readonly SummedModel[];
  readonly groups: ReadonlyMap<string, GroupMean>;
}

/** What the sums of a group come to. */
const meanOf = (moments: Moments): GroupMean => ({
  n: moments.n,
  mean: meanMap(moments),
  deviation: deviationMap(moments),
});

/** What sums come to. */
const meansOf = ({ name, models, sums }: SummedColumn): MeanColumn => ({
  name,
  models,
  groups: new Map([...sums].map(([group, moments]) => [group, meanOf(moments)])),
});

/** What the sums of a column of several parts of the pictures come to together, a group after the other. */
export async function joinedMeans(parts: readonly KeptSummedColumn[]): Promise<MeanColumn> {
  const models = joinModels(parts);
  const groups = new Map<string, GroupMean>();
  for (const group of distinct(models.flatMap((model) => model.groups))) {
    const moments = await joinMoments(parts, group);
    if (moments) groups.set(group, meanOf(moments));
  }
  return { name: parts[0].name, models, groups };
}

/** The heatmaps of all models over a data set, averaged. */
export interface Averages extends LeftOutCounts {
  readonly columns: readonly MeanColumn[];
  readonly data: Pick<MeanGridRecord['data'], 'source' | 'pictures' | 'notes'>;
}

/** What a record says of a data set. */
export const dataOf = ({ name, size, notes }: Dataset): Averages['data'] => ({
  source: name,
  pictures: size,
  notes: [...notes],
});

/** A grid as a picture, and its record. */
interface DrawnGrid {
  readonly layout: FigureLayout;
  readonly record: MeanGridRecord;
}

/** Average heatmaps per model and group. Errors: what is wrong with a model, the data, or one picture. */
export async function meanGrid(
  models: readonly NamedModel[],
  dataset: Dataset,
  fields: GridFields,
  host: Host,
  watch: Watch<ProgressEvent>,
): Promise<DrawnGrid> {
  const columns: MeanColumn[] = [];
  const leftOut: LeftOutCounts = { withoutTruth: 0, withoutGroup: 0 };
  const pictures = { dataset, from: 0, to: dataset.size };
  for await (const column of sumColumns(models, pictures, fields, host, watch)) {
    columns.push(meansOf(column));
    leftOut.withoutTruth += column.withoutTruth;
    leftOut.withoutGroup += column.withoutGroup;
  }
  return drawMeans({ columns, data: dataOf(dataset), ...leftOut }, fields, host);
}

/** Draws averages, and writes their maps. Errors: there is no heatmap, as no picture has a true class. */
export async function drawMeans(averages: Averages, fields: GridFields, host: Host): Promise<DrawnGrid> {
  const { columns, data, withoutTruth, withoutGroup } = averages;
  const { target, by } = fields;
  const description =
    columns.flatMap(({ models }) => models.flatMap((each) => each.description ?? [])).at(0) ??
    fail(data.source, 'no picture has a true class', words`check ${field('truthColumn')}`);
  const groups = groupsOf(columns);
  const title = 'Average heatmaps';
  const subtitle = `Mean relevance for ${targetWords(target)} over ${plural(data.pictures, 'picture')} · ${summary(description)}`;
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
    models: columns.flatMap(({ models }) => models.map((each) => each.record)),
    explanation: description,
    data: { source: data.source, pictures: data.pictures, withoutTruth, withoutGroup, notes: data.notes },
    by,
    groups: groups.map((group) => ({
      group,
      counts: Object.fromEntries(columns.map(({ name, groups: own }) => [name, own.get(group)?.n ?? 0])),
    })),
    files: await writeMaps(columns, fields.output, host),
  };
  return { layout, record };
}

/** The groups of all columns by name, behind that of all pictures. */
const groupsOf = (columns: readonly MeanColumn[]): string[] => [
  EVERY_PICTURE,
  ...distinct(columns.flatMap(({ groups }) => [...groups.keys()]))
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

function rowOf(group: string, columns: readonly MeanColumn[], fields: GridFields): (GridCell | undefined)[] {
  const colours = colormap(fields.colors);
  const scale = heatmapScaleOf(fields);
  const maps = columns.map(({ groups }) => groups.get(group));
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
        legend: { colours, limit, fromZero: kind === 'deviation' },
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
  columns: readonly MeanColumn[],
  folder: string,
  { files }: Host,
): Promise<MeanGridRecord['files']> {
  const written: MeanGridRecord['files'][number][] = [];
  for (const { name: model, groups } of columns) {
    for (const [group, { n, mean, deviation }] of groups) {
      const stem = `${written.length + 1}_${fileName(model)}_${fileName(group)}`;
      const names = { mean: `${stem}_mean.npy`, deviation: `${stem}_sd.npy` };
      const write = (name: string, { width, height, data }: ScalarMap) =>
        files.write(files.join(folder, name), writeNpy(float32([height, width], data)));
      await write(names.mean, mean);
      await write(names.deviation, deviation);
      written.push({ model, group, n, ...names });
    }
  }
  return written;
}
