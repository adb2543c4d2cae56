import { type Description, summary } from '../../attribution/index.ts';
import { argmax, classLabel } from '../../classifier/index.ts';
import { failRequest } from '../../common/error.ts';
import { plural } from '../../common/format.ts';
import { ordered } from '../../common/ordered.ts';
import { scoped } from '../../common/scope.ts';
import { version } from '../../common/version.ts';
import { field, words } from '../../common/words.ts';
import {
  colormap,
  type FigureLayout,
  heatmaps,
  type Image,
  limitOf,
  overlay,
  renderHeatmap,
  type ScalarMap,
  type Score,
} from '../../image/index.ts';
import { type GridCell, layoutGrid } from '../../report/grid.ts';
import { endsOf, heatmapScaleOf, readExplanation, saysNothing, scoresOf } from '../explain/index.ts';
import type { Host } from '../host.ts';
import { preparePhoto } from '../photos.ts';
import type { ProgressEvent, Watch } from '../verb.ts';
import {
  classOf,
  columnRecord,
  type GridColumn,
  type NamedModel,
  openColumn,
  targetOf,
  targetWords,
} from './column.ts';
import type { PhotoGridRecord } from './record.ts';
import type { GridFields } from './request.ts';

/** One photo as one model sees it. */
interface ExplainedCell {
  readonly photo: Image;
  readonly view: Image;
  readonly map: ScalarMap;
  readonly limit: number;
  readonly target: string;
  /** What the ends of the colours mean. */
  readonly ends: readonly [low: string, high: string];
  /** Whether the prediction is right; where the true class is known. */
  readonly verdict?: string | undefined;
  readonly scores: readonly Score[];
  readonly truth?: string | undefined;
  readonly description: Description;
}

/** All photos as one model sees them, in their order. */
interface ExplainedColumn {
  readonly column: GridColumn;
  readonly cells: readonly ExplainedCell[];
}

/** Photos down, models across. Errors: what is wrong with a model or a photo; nothing is left out. */
export async function photoGrid(
  models: readonly NamedModel[],
  photos: readonly string[],
  fields: GridFields,
  host: Host,
  watch: Watch<ProgressEvent>,
): Promise<{ layout: FigureLayout; record: PhotoGridRecord }> {
  const { truth, sharedScale, colors } = fields;
  if (truth && truth.length !== photos.length) {
    const what = `there are ${truth.length} for ${plural(photos.length, 'photo')}`;
    failRequest(words`${field('truth')}`, what, 'give one for each');
  }
  if (photos.some((path) => /\.npy$/i.test(path)))
    failRequest(words`${field('photos')}`, 'a prepared tensor is no photo', 'give photos');
  const columns: ExplainedColumn[] = [];
  const total = models.length * photos.length;
  for (const named of models) {
    const before = columns.length * photos.length;
    const tell = (cells: number) =>
      watch.on?.({ kind: 'progress', what: 'heatmaps', done: before + cells, total });
    columns.push(await explainColumn(named, photos, fields, host, { ...watch, on: tell }));
  }
  const { description } = columns[0].cells[0];
  const title = `What ${models.length === 1 ? 'the model looks' : `${models.length} models look`} at`;
  const subtitle = `Relevance for ${targetWords(fields.target)} · ${summary(description)}`;
  const scale = sharedScale
    ? 'Colours mean the same within a row.'
    : 'Each heatmap has a colour scale of its own: colours show where, not how much.';
  const rules = description.rules && columns.length === 1 ? `Rules: ${description.rules}. ` : '';
  const layout = layoutGrid({
    title,
    subtitle,
    columns: [
      { title: 'photo' },
      ...columns.map(({ column }) => ({ title: column.name, note: noteOf(column) })),
    ],
    rows: photos.map((path, i) => rowOf(host.files.basename(path), i, columns, fields)),
    footer: `${scale} ${rules}Drawn by limn ${version} with the colour map ${colors}.`,
  });
  const record: PhotoGridRecord = {
    format: 'limn grid 1',
    kind: 'photos',
    title,
    subtitle,
    target: fields.target,
    models: columns.map(({ column }) => columnRecord(column)),
    explanation: description,
    scale: sharedScale ? 'row' : 'cell',
    colors,
    photos: photos.map((path, i) => ({ photo: path, truth: truth?.[i], cells: cellRecords(i, columns) })),
  };
  return { layout, record };
}

async function explainColumn(
  named: NamedModel,
  photos: readonly string[],
  fields: GridFields,
  host: Host,
  { on, signal }: { readonly on: (done: number) => void; readonly signal?: AbortSignal | undefined },
): Promise<ExplainedColumn> {
  return scoped(async (own) => {
    const column = await openColumn(named, photos.length, fields, host);
    own(column.explainer);
    const cells: ExplainedCell[] = [];
    const task = (i: number) => {
      signal?.throwIfAborted();
      return explainCell(column, photos[i], fields.truth?.[i], fields, host);
    };
    for await (const each of ordered(photos.keys(), task, column.workers + 2)) {
      cells.push(each);
      on(cells.length);
    }
    return { column, cells };
  });
}

/** A photo, and what each model looks at in it. */
function rowOf(name: string, i: number, columns: readonly ExplainedColumn[], fields: GridFields): GridCell[] {
  const shared = fields.sharedScale ? Math.max(...columns.map(({ cells }) => cells[i].limit)) : undefined;
  return [
    photoCell(name, columns[0].cells[i], shared, fields),
    ...columns.map(({ cells }) => heatCell(cells[i], shared ?? cells[i].limit, fields)),
  ];
}

const cellRecords = (
  i: number,
  columns: readonly ExplainedColumn[],
): PhotoGridRecord['photos'][number]['cells'] =>
  columns.map(({ column, cells }) => ({
    model: column.name,
    target: cells[i].target,
    limit: cells[i].limit,
    scores: cells[i].scores.map(({ label, text }) => ({ label, text })),
  }));

/** What a column's model is, where its name does not say so. */
const noteOf = ({ classifier: { model, head }, name }: GridColumn): string =>
  [model.graph.name === name ? '' : model.graph.name, saysNothing(head.name) ? '' : head.name]
    .filter(Boolean)
    .join(' · ');

async function explainCell(
  { classifier, explainer }: GridColumn,
  path: string,
  truthText: string | undefined,
  fields: GridFields,
  host: Host,
): Promise<ExplainedCell> {
  const { head } = classifier;
  const { photo, input, views } = await preparePhoto(path, classifier, 'center', host);
  const truth = truthText === undefined ? undefined : classOf(truthText, head);
  const target = targetOf(fields.target, truth, path);
  const explanation = await explainer.explain(input, { target });
  const reading = readExplanation(explanation, 0, classifier, fields.top);
  const [map] = heatmaps(explanation.relevance, fields.pooling, path);
  const isRight = truth !== undefined && argmax(explanation.scores.data) === truth;
  return {
    photo,
    view: views()[0],
    map,
    limit: limitOf(map, heatmapScaleOf(fields)),
    target: reading.target.name,
    truth: truth === undefined ? undefined : classLabel(head.labels, truth),
    verdict:
      truth === undefined
        ? undefined
        : isRight
          ? 'predicted correctly'
          : `predicted ${reading.scores[0].label}`,
    ends: endsOf(classifier.head),
    scores: scoresOf(reading, classifier),
    description: explanation.description,
  };
}

function photoCell(
  title: string,
  { photo, truth }: ExplainedCell,
  shared: number | undefined,
  { colors }: GridFields,
): GridCell {
  return {
    image: photo,
    title,
    note: truth === undefined ? undefined : `labelled ${truth}`,
    legend: shared === undefined ? undefined : { colours: colormap(colors), limit: shared },
  };
}

function heatCell(cell: ExplainedCell, limit: number, fields: GridFields): GridCell {
  const colours = colormap(fields.colors);
  const picture = fields.overlay
    ? { image: overlay(cell.view, cell.map, colours, { limit }) }
    : { image: renderHeatmap(cell.map, colours, limit), enlarge: 'pixels' as const };
  return {
    ...picture,
    title: `for ${cell.target}`,
    note: cell.verdict,
    scores: cell.scores,
    legend: fields.sharedScale ? undefined : { colours, limit, ends: cell.ends },
  };
}
