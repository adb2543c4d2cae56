import type * as v from 'valibot';
import { type Description, isCam } from '../../attribution/index.ts';
import { type Classifier, joined } from '../../classifier/index.ts';
import { failRequest } from '../../common/error.ts';
import { ordered } from '../../common/ordered.ts';
import { SHARD_FILE } from '../../common/shard.ts';
import { field, words } from '../../common/words.ts';
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
import { fileHash } from '../model.ts';
import { photosNamed } from '../paths.ts';
import { fileName } from '../photos.ts';
import { checkRequest } from '../request.ts';
import type { FailedItem, ProgressEvent, Watch } from '../verb.ts';
import { type ExplainedPhoto, type Explanations, explain } from './explain.ts';
import { figureOf } from './figure.ts';
import {
  type ExplainRecord,
  type ExplanationFiles,
  explainedStems,
  explainRecordText,
  type PhotoRecord,
  RECORD_FILE,
  recordOf,
} from './record.ts';
import { heatmapScaleOf, type SaveExplanationsRequest, saveRequest } from './request.ts';
import { explainShardText, shardHead } from './shardfile.ts';

/** How far the work is, and each photo as soon as its files are written. */
export type SaveEvent = ProgressEvent | { readonly kind: 'photo'; readonly photo: PhotoRecord | FailedItem };

/** From this many photos on, large figures would take a good part of the time that explaining does. */
const manyPhotos = 12;

/**
 * Explains photos and writes for each a figure, the heatmap (a pixel for each of the network's input) and the raw
 * relevance N×C×H×W in the channel order of the network; `explain.json` says how all was made, and is returned. A
 * prepared batch has one file of relevance and a heatmap for each image. A shard has `shard.json` in its place, which `merge`
 * takes.
 *
 * @example
 * ```ts
 * import { nodeHost } from 'limn/node';
 * import { saveExplanations } from 'limn/verbs';
 *
 * const request = {
 *   model: 'models/face-api-age-gender.onnx',
 *   photos: ['demo/astronaut-face.png'],
 *   head: 'gender',
 *   output: 'explained',
 * };
 * const { photos } = await saveExplanations(request, nodeHost, {
 *   on: (event) => event.kind === 'photo' && console.log(event.photo),
 * });
 * console.log(photos.length);
 * ```
 */
export async function saveExplanations(
  request: SaveExplanationsRequest,
  host: Host,
  watch: Watch<SaveEvent> = {},
): Promise<ExplainRecord> {
  const fields = checkRequest(saveRequest, request, watch.signal);
  const { output, sharedScale, raw, figure, density, ...asked } = fields;
  const { shard } = asked;
  if (shard && sharedScale)
    failRequest(
      words`${field('sharedScale')}`,
      'one scale for all needs all photos at once',
      words`give the scale itself, ${field('limit')}, or no ${field('shard')}`,
    );
  if (raw.includes('none') && raw.length > 1)
    failRequest(words`${field('raw')}`, "'none' excludes other formats");
  await host.files.makeFolder(output);
  const photos = await photosNamed(asked.photos, host, output);
  host.files.protect([asked.model, ...photos]);
  // The toolbox's file of scores has ten.
  const top = raw.includes('toolbox') ? Math.max(asked.top, toolboxScores) : asked.top;
  const explanations = await explain({ ...asked, top, photos }, host, watch);
  const { loaded, classifier, source, subjects } = explanations;
  if (hasText(raw)) checkRawChannels(classifier);
  const record = host.files.join(output, shard ? SHARD_FILE : RECORD_FILE);
  const named = source === 'tensor' ? ['relevance'] : explainedStems(subjects, host);
  const layers = isCam(asked.method) ? [] : (asked.layer ?? []);
  const endings = endingsOf(raw, layers, {
    figure: figure && source !== 'tensor',
    photo: asked.faces !== undefined,
  });
  await host.files.claim([
    record,
    ...named.flatMap((name) => endings.map((ending) => host.files.join(output, `${name}${ending}`))),
  ]);
  const writing: Writing = {
    ...explanations,
    host,
    folder: output,
    raw,
    figure,
    colors: asked.colors,
    scale: heatmapScaleOf(asked),
    density: density ?? (photos.length > manyPhotos ? 1 : 2),
  };
  // The file may be gone when all photos are done.
  const sha256 = fileHash(loaded, host);
  const records: (PhotoRecord | FailedItem)[] = [];
  let description: Description | undefined;
  const tell = (photo: PhotoRecord | FailedItem) => {
    records.push(photo);
    watch.on?.({ kind: 'photo', photo });
  };
  const write = source === 'tensor' ? writeBatch : writePhotos;
  for await (const { photo, description: how } of write(writing, named, sharedScale)) {
    description ??= how;
    tell(photo);
    watch.signal?.throwIfAborted();
  }
  const drawing = { colors: asked.colors, pooling: asked.pooling, scale: heatmapScaleOf(asked), sharedScale };
  const complete = recordOf({ ...loaded, sha256 }, description, drawing, records, host);
  const text = shard
    ? explainShardText(shard, shardHead(fields, photos, { loaded, classifier, sha256 }, host), complete)
    : explainRecordText(complete);
  await host.files.write(record, text);
  return complete;
}

function checkRawChannels({ input }: Classifier): void {
  const channels = input.shape[1];
  if (channels === 3) return;
  failRequest(
    words`${field('raw', 'rawhm')}`,
    `the format is for 3 channels, the network takes ${channels}`,
    'write npy',
  );
}

/** How the names of the files end that there may be for a photo. */
function endingsOf(
  raw: Writing['raw'],
  layers: readonly string[],
  { figure, photo }: { readonly figure: boolean; readonly photo: boolean },
): string[] {
  return [
    ...(figure ? ['.png'] : []),
    '_heatmap.png',
    ...(photo ? ['_photo.png'] : []),
    ...(raw.includes('npy') ? ['.npy', ...layers.map((name) => `_${fileName(name)}.npy`)] : []),
    ...(hasText(raw) ? ['_rawhm.txt'] : []),
    ...(raw.includes('toolbox') ? Object.values(toolboxEndings) : []),
  ];
}

/** Explanations, and where and how they are written. */
export interface Writing extends Explanations {
  readonly host: Host;
  readonly folder: string;
  readonly raw: v.InferOutput<typeof saveRequest>['raw'];
  readonly figure: boolean;
  readonly colors: string;
  readonly scale: HeatmapScale;
  readonly density: number;
}

interface WrittenPhoto {
  readonly photo: PhotoRecord;
  readonly description: Description;
}

type Written = WrittenPhoto | { readonly photo: FailedItem; readonly description?: undefined };

/** Draws photos while the next are explained; with one scale for all, when the last is. */
async function* writePhotos(
  writing: Writing,
  names: readonly string[],
  sharedScale: boolean,
): AsyncGenerator<Written, void> {
  let next = 0;
  const named = (each: ExplainedPhoto | FailedItem) => ({ each, name: names[next++] });
  const waiting: { each: ExplainedPhoto; name: string }[] = [];
  const task = async ({ each, name }: ReturnType<typeof named>): Promise<Written | undefined> => {
    if ('error' in each) return { photo: each };
    if (!sharedScale) return writePhoto(writing, each, name, each.heat.limit);
    waiting.push({ each, name });
    return undefined;
  };
  for await (const written of ordered(mapped(writing.photos, named), task, 2)) if (written) yield written;
  const limit = Math.max(...waiting.map(({ each }) => each.heat.limit));
  for (const { each, name } of waiting) yield await writePhoto(writing, each, name, limit);
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
  if (figure && each.view) {
    const layout = layoutFigure(figureOf(each, each.view, classifier, { colors, limit, scale, density }));
    await host.files.write(path('.png'), await host.images.encodePng(await host.images.draw(layout)));
  }
  const heatmap = await writeHeatmap(writing, name, each, limit);
  const { item, reading, description, face, photo, toInput, remarks } = each;
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
async function* writeBatch(
  writing: Writing,
  _: readonly string[],
  sharedScale: boolean,
): AsyncGenerator<Written, void> {
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
  for (const [i, each] of all.entries()) {
    const name = all.length === 1 ? 'relevance' : `relevance-${i}`;
    const limit = shared ?? each.heat.limit;
    const rawhm = await writeText(writing, name, each.relevance);
    const asToolbox = await writeAsToolbox(writing, name, each);
    const heatmap = await writeHeatmap(writing, name, each, limit);
    const { item, reading, description } = each;
    const files = { heatmap, ...raw, ...rawhm, ...asToolbox };
    yield { photo: { photo: item, ...reading, limit, files }, description };
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
  if (!hasText(raw)) return {};
  const order = classifier.preprocessing?.channels === 'rgb' ? 'rgb' : 'bgr';
  const path = host.files.join(folder, `${name}_rawhm.txt`);
  await host.files.write(path, writeRawHeatmap(relevance, order));
  return { rawhm: path };
}

/** Classes in the toolbox's file of scores. */
const toolboxScores = 10;
const toolboxEndings = { top10scores: '_top10scores.txt', asInput: '_as_inputted_into_the_dnn.png' } as const;

/** Whether the text format is among those that are asked for. */
const hasText = (raw: Writing['raw']): boolean => raw.includes('rawhm') || raw.includes('toolbox');

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
