import type * as v from 'valibot';
import { type Description, isCam } from '../../attribution/index.ts';
import { joined } from '../../classifier/index.ts';
import { ordered } from '../../common/ordered.ts';
import type { Tensor } from '../../graph/index.ts';
import {
  colormap,
  formatGeneral,
  type HeatmapScale,
  layoutFigure,
  overlay,
  renderHeatmap,
  warpMap,
  writeNpy,
  writeRawHeatmap,
} from '../../image/index.ts';
import type { Host } from '../host.ts';
import { fileName } from '../photos.ts';
import type { FailedItem } from '../verb.ts';
import type { ExplainedPhoto, Explanations } from './explain.ts';
import { figureOf } from './figure.ts';
import type { ExplanationFiles, PhotoRecord } from './record.ts';
import type { saveRequest } from './request.ts';

/** Classes in the toolbox's file of scores. */
export const toolboxScores = 10;
const toolboxEndings = { top10scores: '_top10scores.txt', asInput: '_as_inputted_into_the_dnn.png' } as const;

type SaveFields = v.InferOutput<typeof saveRequest>;
type RawFormats = SaveFields['raw'];

/** Whether the text format is among those that are asked for. */
export const hasRawText = (raw: RawFormats): boolean => raw.includes('rawhm') || raw.includes('toolbox');

/** How the names of the files end that there may be for a photo. */
export function endingsOf(
  asked: Pick<SaveFields, 'raw' | 'figure' | 'faces' | 'method' | 'layer'>,
): string[] {
  const { raw, figure, faces, method, layer = [] } = asked;
  const layers = isCam(method) ? [] : layer;
  return [
    ...(figure ? ['.png'] : []),
    '_heatmap.png',
    ...(faces ? ['_photo.png'] : []),
    ...(raw.includes('npy') ? ['.npy', ...layers.map((name) => `_${fileName(name)}.npy`)] : []),
    ...(hasRawText(raw) ? ['_rawhm.txt'] : []),
    ...(raw.includes('toolbox') ? Object.values(toolboxEndings) : []),
  ];
}

/** Explanations, and where and how they are written. */
export interface Writing extends Explanations {
  readonly host: Host;
  readonly folder: string;
  readonly raw: RawFormats;
  readonly figure: boolean;
  /** How many classes figure and record list, those explained aside; the toolbox's file may need more. Default: all. */
  readonly top?: number | undefined;
  readonly colors: string;
  readonly scale: HeatmapScale;
  readonly density: number;
}

interface WrittenPhoto {
  readonly photo: PhotoRecord;
  readonly description: Description;
}

/** What came of the subject at a place, or of an image of a batch. */
type Written = { readonly index: number } & (
  | WrittenPhoto
  | { readonly photo: FailedItem; readonly description?: undefined }
);

/** Draws photos while the next are explained; with one scale for all, when the last is. `todo` are their places, `names` those of all. */
export async function* writePhotos(
  writing: Writing,
  todo: readonly number[],
  names: readonly string[],
  sharedScale: boolean,
): AsyncGenerator<Written, void> {
  let next = 0;
  const placed = (each: ExplainedPhoto | FailedItem) => ({ each, index: todo[next++] });
  const waiting: { each: ExplainedPhoto; index: number }[] = [];
  const written = async (each: ExplainedPhoto, index: number, limit: number) => ({
    index,
    ...(await writePhoto(writing, each, names[index], limit)),
  });
  const task = async ({ each, index }: ReturnType<typeof placed>): Promise<Written | undefined> => {
    if ('error' in each) return { index, photo: each };
    if (!sharedScale) return written(each, index, each.heat.limit);
    waiting.push({ each, index });
    return undefined;
  };
  for await (const one of ordered(mapped(writing.photos, placed), task, 2)) if (one) yield one;
  const limit = Math.max(...waiting.map(({ each }) => each.heat.limit));
  for (const { each, index } of waiting) yield await written(each, index, limit);
}

/** An explanation with no more classes than figure and record list. */
function shortened(each: ExplainedPhoto, top = Number.POSITIVE_INFINITY): ExplainedPhoto {
  const scores = each.reading.scores.filter(({ explained }, rank) => rank < top || explained);
  return { ...each, reading: { ...each.reading, scores } };
}

/** Writes what there is of an explained photo into files that are called `name`, with one value at the ends of its colours. */
export async function writePhoto(
  writing: Writing,
  each: ExplainedPhoto,
  name: string,
  limit: number,
): Promise<WrittenPhoto> {
  const { host, colors, scale, density, classifier, figure } = writing;
  const path = (ending: string) => host.files.join(writing.folder, `${name}${ending}`);
  const raw = await writeRaw(writing, name, each.relevance, each.layers);
  const rawhm = await writeText(writing, name, each.relevance);
  const asToolbox = await writeAsToolbox(writing, name, each);
  const listed = shortened(each, writing.top);
  if (figure && each.view) {
    const layout = layoutFigure(figureOf(listed, each.view, classifier, { colors, limit, scale, density }));
    await host.files.write(path('.png'), await host.images.encodePng(await host.images.draw(layout)));
  }
  const heatmap = await writeHeatmap(writing, name, each, limit);
  const { item, reading, description, face, photo, toInput, remarks } = listed;
  if (photo && toInput) {
    const over = overlay(photo, warpMap(each.heat.map, toInput, photo), colormap(colors), { limit });
    await host.files.write(path('_photo.png'), await host.images.encodePng(over));
  }
  const files = {
    ...(figure && each.view && { figure: path('.png') }),
    heatmap,
    ...(toInput && { photo: path('_photo.png') }),
    ...raw,
    ...rawhm,
    ...asToolbox,
  };
  const about = { ...(face && { face }), ...(remarks && { remarks }) };
  return { photo: { photo: item, ...about, ...reading, limit, files }, description };
}

/** One file of relevance, a heatmap for each image. */
export async function* writeBatch(writing: Writing, sharedScale: boolean): AsyncGenerator<Written, void> {
  const all: ExplainedPhoto[] = [];
  for await (const each of writing.photos) if (!('error' in each)) all.push(each);
  const layers = Object.keys(all[0].layers);
  const raw = await writeRaw(
    writing,
    'relevance',
    joined(all.map(({ relevance }) => relevance)),
    Object.fromEntries(layers.map((name) => [name, joined(all.map((each) => each.layers[name]))])),
  );
  const shared = sharedScale ? Math.max(...all.map(({ heat }) => heat.limit)) : undefined;
  for (const [index, each] of all.entries()) {
    const name = all.length === 1 ? 'relevance' : `relevance-${index}`;
    const limit = shared ?? each.heat.limit;
    const rawhm = await writeText(writing, name, each.relevance);
    const asToolbox = await writeAsToolbox(writing, name, each);
    const heatmap = await writeHeatmap(writing, name, each, limit);
    const { item, reading, description } = shortened(each, writing.top);
    const files = { heatmap, ...raw, ...rawhm, ...asToolbox };
    yield { index, photo: { photo: item, ...reading, limit, files }, description };
  }
}

async function writeHeatmap(
  { host, folder, colors }: Writing,
  name: string,
  { heat }: ExplainedPhoto,
  limit: number,
): Promise<string> {
  const path = host.files.join(folder, `${name}_heatmap.png`);
  await host.files.write(path, await host.images.encodePng(renderHeatmap(heat.map, colormap(colors), limit)));
  return path;
}

async function writeRaw(
  { host, folder, raw }: Writing,
  name: string,
  relevance: Tensor<'float32'>,
  layers: Readonly<Record<string, Tensor<'float32'>>>,
): Promise<Pick<ExplanationFiles, 'relevance' | 'layers'>> {
  if (!raw.includes('npy')) return {};
  const write = async (stem: string, tensor: Tensor<'float32'>) => {
    const path = host.files.join(folder, `${stem}.npy`);
    await host.files.write(path, writeNpy(tensor));
    return path;
  };
  const path = await write(name, relevance);
  const written: Record<string, string> = {};
  for (const [layer, tensor] of Object.entries(layers)) {
    written[layer] = await write(`${name}_${fileName(layer)}`, tensor);
  }
  return { relevance: path, ...(Object.keys(written).length > 0 && { layers: written }) };
}

/** The channel order of the text format is fixed; that of the network is not. */
async function writeText(
  { host, folder, raw, classifier }: Writing,
  name: string,
  relevance: Tensor<'float32'>,
): Promise<Pick<ExplanationFiles, 'rawhm'>> {
  if (!hasRawText(raw)) return {};
  const order = classifier.preprocessing?.channels === 'rgb' ? 'rgb' : 'bgr';
  const path = host.files.join(folder, `${name}_rawhm.txt`);
  await host.files.write(path, writeRawHeatmap(relevance, order));
  return { rawhm: path };
}

/** What the LRP Toolbox writes beside its raw heatmap: the best classes, and what the network saw, unless a batch was prepared elsewhere. */
async function writeAsToolbox(
  { host, folder, raw }: Writing,
  name: string,
  { reading, view }: ExplainedPhoto,
): Promise<Pick<ExplanationFiles, 'top10scores' | 'asInput'>> {
  if (!raw.includes('toolbox')) return {};
  const path = (ending: string) => host.files.join(folder, `${name}${ending}`);
  const files = { top10scores: path(toolboxEndings.top10scores), asInput: path(toolboxEndings.asInput) };
  const best = reading.scores.slice(0, toolboxScores);
  const lines = best.map(({ index, value }) => `${index} ${formatGeneral(value)}\n`);
  await host.files.write(files.top10scores, lines.join(''));
  if (!view) return { top10scores: files.top10scores };
  await host.files.write(files.asInput, await host.images.encodePng(view));
  return files;
}

async function* mapped<T, R>(source: AsyncIterable<T>, make: (item: T) => R): AsyncGenerator<R, void> {
  for await (const item of source) yield make(item);
}
