import type { Description } from '../../attribution/index.ts';
import type { Classifier } from '../../classifier/index.ts';
import { failRequest } from '../../common/error.ts';
import { SHARD_FILE } from '../../common/shard.ts';
import { field, words } from '../../common/words.ts';
import type { Host } from '../host.ts';
import { fileHash } from '../model.ts';
import { photosNamed } from '../paths.ts';
import { checkRequest } from '../request.ts';
import { type FailedItem, goesOnNote, type NoteEvent, type ProgressEvent, type Watch } from '../verb.ts';
import { openExplanations } from './explain.ts';
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
import { explainHead, explainShardText } from './shardfile.ts';
import { KEPT_FILE, openKept } from './unfinished.ts';

/** How far the work is, and each photo as soon as its files are written. */
export type SaveEvent =
  | ProgressEvent
  | NoteEvent
  | { readonly kind: 'photo'; readonly photo: PhotoRecord | FailedItem };

/** From this many photos on, large figures would take a good part of the time that explaining does. */
const manyPhotos = 12;

/**
 * Explains photos and writes for each a figure, the heatmap (a pixel for each of the network's input) and the raw
 * relevance N×C×H×W in the channel order of the network; `explain.json` says how all was made, and is returned. A
 * prepared batch has one file of relevance and a heatmap for each image. Of several photos, those that an interrupted call of the same
 * request finished are not explained again, unless all share one scale. A shard has `shard.json` in its place, which `merge`
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
  const { run, ...opened } = await openExplanations({ ...asked, top, photos }, host, watch);
  const { loaded, classifier, source, subjects } = opened;
  if (hasRawText(raw)) checkRawChannels(classifier);
  const record = host.files.join(output, shard ? SHARD_FILE : RECORD_FILE);
  const named = source === 'tensor' ? ['relevance'] : explainedStems(subjects, host, mirror);
  const endings = endingsOf({ ...asked, raw, figure: figure && source !== 'tensor' });
  await host.files.claim([
    record,
    host.files.join(output, KEPT_FILE),
    ...named.flatMap((name) => endings.map((ending) => host.files.join(output, `${name}${ending}`))),
  ]);
  // The file may be gone when all photos are done.
  const sha256 = await fileHash(loaded, host);
  const head = explainHead(fields, photos, { loaded, classifier, sha256 }, host);
  const goesOn = source === 'photos' && subjects.length > 1 && !sharedScale;
  const kept = await openKept(goesOn ? output : undefined, named, head, shard, host);
  const todo = [...subjects.keys()].filter((index) => !kept.items.has(index));
  if (kept.items.size > 0) watch.on?.(goesOnNote(kept.items.size, subjects.length, 'explained'));
  const writing: Writing = {
    ...opened,
    photos: run(todo),
    host,
    folder: output,
    raw,
    top: asked.top,
    figure,
    colors: asked.colors,
    scale: heatmapScaleOf(asked),
    density: density ?? (photos.length > manyPhotos ? 1 : 2),
  };
  const records: (PhotoRecord | FailedItem)[] = [];
  let description: Description | undefined;
  for (const [index, { record, description: how }] of kept.items) {
    records[index] = record;
    description ??= how;
  }
  const write =
    source === 'tensor' ? writeBatch(writing, sharedScale) : writePhotos(writing, todo, named, sharedScale);
  try {
    for await (const { index, photo, description: how } of write) {
      records[index] = photo;
      if (!('error' in photo))
        await kept.keep(index, { record: photo, description: description ? undefined : how });
      description ??= how;
      watch.on?.({ kind: 'photo', photo });
      watch.signal?.throwIfAborted();
    }
  } finally {
    await kept.close();
  }
  const drawing = { colors: asked.colors, pooling: asked.pooling, scale: heatmapScaleOf(asked), sharedScale };
  const complete = recordOf({ ...loaded, sha256 }, description, drawing, records, host);
  const text = shard ? explainShardText(shard, head, complete, host) : explainRecordText(complete);
  await host.files.write(record, text);
  await kept.remove();
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
