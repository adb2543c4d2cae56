import type { AnalysisHead } from '../../common/analysed.ts';
import { fail } from '../../common/error.ts';
import { SHARD_FILE, type Shard, shardRange } from '../../common/shard.ts';
import { field, words } from '../../common/words.ts';
import { float32 } from '../../graph/index.ts';
import { readNpy, writeNpy } from '../../image/index.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import { plainSettings, type ShardFile, shardReader, shardText } from '../shardfile.ts';
import type { ProgressEvent, Watch } from '../verb.ts';
import { FACE_SIDE, type Look } from './looks.ts';
import { mostShown } from './measure.ts';
import { type LookPlace, type MeasuredLooks, type OpenRegions, openRegions } from './open.ts';
import { type RegionsFields, type RegionsShardRequest, regionsShardRequest } from './request.ts';

/** Beside a shard's record: the heatmaps with the faces upon each other, looks × 64 × 64 float32. */
const SHARD_MAPS_FILE = 'maps.npy';

const format = 'limn regions shard 1';

/** What a shard's file holds. */
export interface RegionsShardRecord extends ShardFile {
  readonly format: typeof format;
  /** What was asked, but for where to write. */
  readonly fields: Omit<RegionsFields, 'output'>;
  readonly looks: readonly {
    readonly at: LookPlace;
    /** Without its map; of a map of zeros values are null. */
    readonly look: Omit<Look, 'map' | 'values'> & { readonly values: readonly (number | null)[] };
  }[];
  readonly without: MeasuredLooks['without'];
  /** Photos with their regions, and the files that these pictures are in. */
  readonly shown: readonly { readonly path: string; readonly name: string; readonly file: string }[];
  /** SHA-256 of the maps and of the pictures, in their order. */
  readonly sha256: string;
}

export const regionsShards = shardReader<RegionsShardRecord>(
  { format, of: 'regions', holds: 'measurements' },
  ({ fields, looks, without, shown }) =>
    fields !== undefined && [looks, without, shown].every((each) => Array.isArray(each)),
);

/** A part of the photos that was measured. */
export interface RegionsShard {
  readonly shard: Shard;
  /** How many photos it has; one counts once, however many networks it was explained of. */
  readonly photos: number;
  readonly files: readonly string[];
}

/** The file of a photo with its regions. */
const shownFile = (index: number): string => `face-${index + 1}.png`;

/**
 * Measures a part of the explained photos, as {@link regions} all of them: each in all folders, so that its face is looked for once.
 * Writes `shard.json`, maps and pictures into the folder `output`, which `merge` takes. Errors: as there, but that no photo has a face;
 * fewer photos than shards.
 */
export async function regionsShard(
  request: RegionsShardRequest,
  host: Host,
  watch: Watch<ProgressEvent> = {},
): Promise<RegionsShard> {
  const { shard, ...fields } = checkRequest(regionsShardRequest, request, watch.signal);
  const { output, ...asked } = fields;
  const { files, images, sha256 } = host;
  const opened = await openRegions(fields, host);
  const range = shardRange(opened.photos.length, shard, words`${field('shard')}`);
  const at = (name: string) => files.join(output, name);
  const path = at(SHARD_FILE);
  await files.makeFolder(output);
  const pictures = Array.from({ length: mostShown }, (_, i) => at(shownFile(i)));
  await files.claim([path, at(SHARD_MAPS_FILE), ...pictures]);
  const identity = regionsHead(fields, opened, host);
  const { looks, without, shown } = await opened.measure(range, watch);
  const hash = sha256();
  const write = async (name: string, bytes: Uint8Array) => {
    hash.update(bytes);
    await files.write(at(name), bytes);
  };
  await write(SHARD_MAPS_FILE, stackedMaps(looks.map(({ look }) => look)));
  for (const [i, { picture }] of shown.entries()) await write(shownFile(i), await images.encodePng(picture));
  const record: RegionsShardRecord = {
    ...{ format, shard, identity, fields: asked },
    looks: looks.map(({ at: place, look: { map: _, values, ...look } }) => ({
      at: place,
      look: { ...look, values: values.map((value) => value ?? null) },
    })),
    without,
    shown: shown.map(({ path: photo, name }, i) => ({ path: photo, name, file: shownFile(i) })),
    sha256: hash.digest(),
  };
  await files.write(path, shardText(JSON.stringify(record), host));
  return { shard, photos: range.to - range.from, files: [path] };
}

const pixels = FACE_SIDE * FACE_SIDE;

function stackedMaps(looks: readonly Look[]): Uint8Array {
  const data = new Float32Array(looks.length * pixels);
  looks.forEach(({ map }, i) => {
    data.set(map.data, i * pixels);
  });
  return writeNpy(float32([looks.length, FACE_SIDE, FACE_SIDE], data));
}

/** What a shard measured. Errors: files that are not the shard's. */
export async function measuredOf(
  folder: string,
  { looks, without, shown, sha256: expected }: RegionsShardRecord,
  { files, images, sha256 }: Host,
): Promise<MeasuredLooks> {
  const hash = sha256();
  const read = async (name: string) => {
    const path = files.join(folder, name);
    const bytes = await files.read(path);
    hash.update(bytes);
    return { path, bytes };
  };
  const kept = await read(SHARD_MAPS_FILE);
  const pictures: Awaited<ReturnType<typeof read>>[] = [];
  for (const { file } of shown) pictures.push(await read(file));
  if (hash.digest() !== expected)
    fail(folder, `damaged: ${SHARD_MAPS_FILE} or a picture is not the shard's`, 'do this shard again');
  const maps = Float32Array.from(readNpy(kept.bytes, kept.path).data, Number);
  return {
    looks: looks.map(({ at, look: { values, ...look } }, i) => ({
      at,
      look: {
        ...look,
        values: values.map((value) => value ?? undefined),
        map: {
          width: FACE_SIDE,
          height: FACE_SIDE,
          data: maps.subarray(i * pixels, (i + 1) * pixels),
        },
      },
    })),
    without,
    shown: await Promise.all(
      shown.map(async ({ path, name }, i) => ({
        path,
        name,
        picture: await images.decode(pictures[i].bytes, pictures[i].path),
      })),
    ),
  };
}

/** What shards measured, as if one had. */
export function joinMeasured(parts: readonly MeasuredLooks[]): MeasuredLooks {
  const shown = new Map<string, MeasuredLooks['shown'][number]>();
  for (const each of parts.flatMap((part) => part.shown))
    if (shown.size < mostShown && !shown.has(each.path)) shown.set(each.path, each);
  return {
    looks: parts.flatMap(({ looks }) => looks),
    without: parts.flatMap(({ without }) => without),
    shown: [...shown.values()],
  };
}

function regionsHead(
  // What is measured does not depend on these; limn's version says which networks find faces.
  { output: _, parquet: __, threads: ___, weights: ____, photos: _____, ...asked }: RegionsFields,
  { records, photos }: OpenRegions,
  host: Host,
): AnalysisHead {
  return {
    data: {
      source: asked.explanations[0],
      sha256: host
        .sha256()
        .update(JSON.stringify([records, photos]))
        .digest(),
      photos: photos.length,
      skipped: [],
    },
    settings: plainSettings(asked),
    versions: host.versions,
  };
}
