import { basename } from 'node:path';
import { type Description, type Explanation, summary, targetName } from '../attribution/index.ts';
import { fail, failRequest } from '../common/error.ts';
import { ordered } from '../common/ordered.ts';
import { scoped } from '../common/scope.ts';
import { version } from '../common/version.ts';
import {
  colormap,
  type FigureLayout,
  type Image,
  overlay,
  renderHeatmap,
  type ScalarMap,
  type Score,
} from '../image/index.ts';
import { networkViews } from '../image/preprocess.ts';
import { type GridCell, layoutGrid } from '../report/grid.ts';
import { scaleOf } from '../verbs/explain/index.ts';
import {
  classOf,
  type GridModel,
  labelOf,
  openGridModel,
  recordOf,
  targetOf,
  targetWords,
} from './grid-model.ts';
import type { GridOptions, GridRecord, NamedModel } from './grid-options.ts';
import { preparePhoto, sourceOf } from './photos.ts';
import { Progress } from './progress.ts';
import { heatOf, read } from './results.ts';
import { valueText } from './scores.ts';

/** One photo as one model sees it. */
interface Seen {
  readonly photo: Image;
  readonly view: Image;
  readonly map: ScalarMap;
  readonly limit: number;
  readonly target: string;
  readonly verdict?: string;
  readonly scores: readonly Score[];
  readonly truth?: string;
  readonly description: Description;
}

/** Photos down, models across. Errors: what is wrong with a model or a photo; nothing is left out. */
export async function photoGrid(
  models: readonly NamedModel[],
  photos: readonly string[],
  options: GridOptions,
): Promise<{ layout: FigureLayout; record: GridRecord }> {
  const { truth } = options;
  if (truth && truth.length !== photos.length) {
    failRequest('--truth', `there are ${truth.length} for ${photos.length} photos`, 'give one for each');
  }
  if ((await sourceOf(photos)) === 'tensor')
    failRequest('--photos', 'a prepared tensor is no photo', 'give photos');
  const columns: { readonly opened: GridModel; readonly seen: readonly Seen[] }[] = [];
  const progress = new Progress('heatmaps');
  for (const named of models) {
    const opened = await openGridModel(named, photos.length, options);
    const seen: Seen[] = [];
    const task = (i: number) => explainCell(opened, photos[i]!, truth?.[i], options);
    await scoped(async (own) => {
      own(opened.explainer);
      for await (const each of ordered(photos.keys(), task, opened.workers + 2)) {
        seen.push(each);
        progress.at(columns.length * photos.length + seen.length, models.length * photos.length);
      }
    });
    columns.push({ opened, seen });
  }
  progress.clear();

  const limits = photos.map((_, i) => Math.max(...columns.map(({ seen }) => seen[i]!.limit)));
  const rows = photos.map((path, i) => [
    photoCell(path, columns[0]!.seen[i]!, options.sharedScale ? limits[i] : undefined, options),
    ...columns.map(({ seen }) =>
      heatCell(seen[i]!, options.sharedScale ? limits[i]! : seen[i]!.limit, options),
    ),
  ]);
  const { description } = columns[0]!.seen[0]!;
  const title = `What ${models.length === 1 ? 'the model looks' : `${models.length} models look`} at`;
  const subtitle = `Relevance for ${targetWords(options.target)} · ${summary(description)}`;
  const scale = options.sharedScale
    ? 'Colours mean the same within a row.'
    : 'Each heatmap has a colour scale of its own: colours show where, not how much.';
  const layout = layoutGrid({
    title,
    subtitle,
    columns: [
      { title: 'photo' },
      ...columns.map(({ opened }) => ({ title: opened.name, note: noteOf(opened) })),
    ],
    rows,
    footer: `${scale} ${description.rules && columns.length === 1 ? `Rules: ${description.rules}. ` : ''}Drawn by limn ${version} with the colour map ${options.colors}.`,
  });
  const record: GridRecord = {
    kind: 'photos',
    title,
    subtitle,
    target: options.target,
    models: columns.map(({ opened }) => recordOf(opened)),
    explanation: description,
    scale: options.sharedScale ? 'row' : 'cell',
    colors: options.colors,
    photos: photos.map((path, i) => ({
      photo: path,
      truth: truth?.[i],
      cells: columns.map(({ opened, seen }) => ({
        model: opened.name,
        target: seen[i]!.target,
        limit: seen[i]!.limit,
        scores: seen[i]!.scores.map(({ label, text }) => ({ label, text })),
      })),
    })),
  };
  return { layout, record };
}

/** What a column's model is, where its name does not say so. */
const noteOf = ({ model, name, head }: GridModel): string =>
  [
    model.graph.name === name ? '' : model.graph.name,
    /^(prob|class|output|softmax|scores?)\w*$/i.test(head.name) ? '' : head.name,
  ]
    .filter(Boolean)
    .join(' · ');

async function explainCell(
  { model, how, head, probabilities, explainer }: GridModel,
  path: string,
  truthText: string | undefined,
  options: GridOptions,
): Promise<Seen> {
  const { photo, input } = await preparePhoto(path, model, how, 'center');
  const truth = truthText === undefined ? undefined : classOf(truthText, head);
  const explanation: Explanation = await explainer.explain(input, {
    target: targetOf(options.target, truth, path),
  });
  const reading = read(path, explanation, 0, head, options.top);
  const best = read(path, explanation, 0, head, 1).scores[0] ?? fail(path, 'no scores');
  const { map, limit } = heatOf(explanation, 0, options.pooling, scaleOf(options), path);
  const largest = Math.max(...reading.scores.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  return {
    photo,
    view: networkViews(photo, how)[0]!,
    map,
    limit,
    target: head.kind === 'number' ? head.name : targetName(explanation.targets[0]!, head),
    ...(truth !== undefined && {
      truth: labelOf(truth, head),
      verdict: bestClass(explanation) === truth ? 'predicted rightly' : `predicted ${best.label}`,
    }),
    scores: reading.scores.map(({ label, value, explained }) => ({
      label,
      fraction: Math.max(0, probabilities ? value : value / largest),
      text: valueText(value, probabilities),
      explained,
    })),
    description: explanation.description,
  };
}

const bestClass = ({ scores }: Explanation): number =>
  scores.data.reduce((best, score, i) => (score > scores.data[best]! ? i : best), 0);

function photoCell(
  path: string,
  { photo, truth }: Seen,
  shared: number | undefined,
  options: GridOptions,
): GridCell {
  return {
    image: photo,
    title: basename(path),
    ...(truth !== undefined && { note: `labelled ${truth}` }),
    ...(shared !== undefined && { legend: { colours: colormap(options.colors), limit: shared } }),
  };
}

function heatCell(seen: Seen, limit: number, options: GridOptions): GridCell {
  const colours = colormap(options.colors);
  return {
    ...(options.overlay
      ? { image: overlay(seen.view, seen.map, colours, { limit }) }
      : { image: renderHeatmap(seen.map, colours, limit), enlarge: 'pixels' as const }),
    title: `for ${seen.target}`,
    ...(seen.verdict !== undefined && { note: seen.verdict }),
    scores: seen.scores,
    ...(!options.sharedScale && { legend: { colours, limit } }),
  };
}
