import type { Description } from '../../attribution/index.ts';
import type { Classifier } from '../../classifier/index.ts';
import { failRequest } from '../../common/error.ts';
import { SHARD_FILE } from '../../common/shard.ts';
import { field, words } from '../../common/words.ts';
import type { Host } from '../host.ts';
import { fileHash } from '../model.ts';
import { photosNamed } from '../paths.ts';
import { checkRequest } from '../request.ts';
import type { FailedItem, ProgressEvent, Watch } from '../verb.ts';
import { explain } from './explain.ts';
import { endingsOf, hasRawText, toolboxScores, type Writing, writeBatch, writePhotos } from './files.ts';
import {
  type ExplainRecord,
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
  const { output, mirror, sharedScale, raw, figure, density, ...asked } = fields;
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
  if (hasRawText(raw)) checkRawChannels(classifier);
  const record = host.files.join(output, shard ? SHARD_FILE : RECORD_FILE);
  const named = source === 'tensor' ? ['relevance'] : explainedStems(subjects, host, mirror);
  const endings = endingsOf({ ...asked, raw, figure: figure && source !== 'tensor' });
  await host.files.claim([
    record,
    ...named.flatMap((name) => endings.map((ending) => host.files.join(output, `${name}${ending}`))),
  ]);
  const writing: Writing = {
    ...explanations,
    host,
    folder: output,
    raw,
    top: asked.top,
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
