import type { AnalysisHead } from '../../common/analysed.ts';
import { fail } from '../../common/error.ts';
import { keptSums, sumsOf } from '../../common/exactsum.ts';
import { SHARD_FILE, type Shard, shardRange } from '../../common/shard.ts';
import { field, words } from '../../common/words.ts';
import { readNpy } from '../../image/index.ts';
import type { Host } from '../host.ts';
import { checkRequest } from '../request.ts';
import { type ShardFile, shardReader, shardText, workHead } from '../shardfile.ts';
import { stackedSums } from '../stackedsums.ts';
import type { ProgressEvent, Watch } from '../verb.ts';
import { type LikenessMeasure, type MapSum, mergeMapSums, type PhotoLikeness } from './likeness.ts';
import { FACE_SIDE, type Look } from './looks.ts';
import { mostShown } from './measure.ts';
import { type LookPlace, type MeasuredLooks, type OpenRegions, openRegions } from './open.ts';
import { type RegionsFields, type RegionsShardRequest, regionsShardRequest } from './request.ts';

/** Beside a shard's record: the exact sums of the models' heatmaps with the faces upon each other, model after model. */
const SHARD_SUMS_FILE = 'sums.npy';

const format = 'limn regions shard 2';

/** What a shard's file holds. */
export interface RegionsShardRecord extends ShardFile {
  readonly format: typeof format;
  /** What was asked, but for where to write. */
  readonly fields: Omit<RegionsFields, 'output'>;
  readonly looks: readonly {
    readonly at: LookPlace;
    /** Of a map of zeros values are null. */
    readonly look: Omit<Look, 'values'> & { readonly values: readonly (number | null)[] };
  }[];
  /** What cannot be said is null. */
  readonly likeness: readonly (Omit<PhotoLikeness, LikenessMeasure> &
    Readonly<Record<LikenessMeasure, number | null>>)[];
  /** By model, how many photos its sum is over, and which bins of exact sums there are. */
  readonly maps: readonly {
    readonly model: string;
    readonly photos: number;
    readonly bins: readonly number[];
  }[];
  readonly without: MeasuredLooks['without'];
  /** Photos with their regions, and the files that these pictures are in. */
  readonly shown: readonly { readonly path: string; readonly name: string; readonly file: string }[];
  /** SHA-256 of the sums and of the pictures, in their order. */
  readonly sha256: string;
}

export const regionsShards = shardReader<RegionsShardRecord>(
  { format, of: 'regions', holds: 'measurements' },
  ({ fields, looks, likeness, maps, without, shown }) =>
    fields !== undefined && [looks, likeness, maps, without, shown].every((each) => Array.isArray(each)),
);

/** A part of the photos that was measured. */
export interface RegionsShard {
  readonly shard: Shard;
  /** How many photos it has; one counts once, however it was cut and however many networks it was explained of. */
  readonly photos: number;
  readonly files: readonly string[];
}

/** The file of a photo with its regions. */
const shownFile = (index: number): string => `face-${index + 1}.png`;

/**
 * Measures a part of the explained photos, as {@link regions} all of them: each in all folders, so that its face is looked for once.
 * Writes `shard.json`, sums and pictures into the folder `output`, which `merge` takes. Errors: as there, but that no photo has a face;
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
  await files.claim([path, at(SHARD_SUMS_FILE), ...pictures]);
  const identity = regionsHead(fields, opened, host);
  const { looks, without, likeness, maps, shown } = await opened.measure(range, watch);
  const hash = sha256();
  const write = async (name: string, bytes: Uint8Array) => {
    hash.update(bytes);
    await files.write(at(name), bytes);
  };
  const kept = [...maps].map(([model, { photos, sums }]) => ({ model, photos, ...keptSums(sums) }));
  await write(SHARD_SUMS_FILE, stackedSums(kept));
  for (const [i, { picture }] of shown.entries()) await write(shownFile(i), await images.encodePng(picture));
  const record: RegionsShardRecord = {
    ...{ format, shard, identity, fields: asked },
    looks: looks.map(({ at: place, look: { values, ...look } }) => ({
      at: place,
      look: { ...look, values: values.map((value) => value ?? null) },
    })),
    likeness: likeness.map(({ rankCorrelation, structuralSimilarity, ...pair }) => ({
      ...pair,
      rankCorrelation: rankCorrelation ?? null,
      structuralSimilarity: structuralSimilarity ?? null,
    })),
    maps: kept.map(({ values: _, ...each }) => each),
    without,
    shown: shown.map(({ path: photo, name }, i) => ({ path: photo, name, file: shownFile(i) })),
    sha256: hash.digest(),
  };
  await files.write(path, shardText(JSON.stringify(record), host));
  return { shard, photos: range.to - range.from, files: [path] };
}

const pixels = FACE_SIDE * FACE_SIDE;

/** What a shard measured. Errors: files that are not the shard's. */
export async function measuredOf(
  folder: string,
  { looks, likeness, maps, without, shown, sha256: expected }: RegionsShardRecord,
  { files, images, sha256 }: Host,
): Promise<MeasuredLooks> {
  const hash = sha256();
  const read = async (name: string) => {
    const path = files.join(folder, name);
    const bytes = await files.read(path);
    hash.update(bytes);
    return { path, bytes };
  };
  const kept = await read(SHARD_SUMS_FILE);
  const pictures: Awaited<ReturnType<typeof read>>[] = [];
  for (const { file } of shown) pictures.push(await read(file));
  if (hash.digest() !== expected)
    fail(folder, `damaged: ${SHARD_SUMS_FILE} or a picture is not the shard's`, 'do this shard again');
  const data = Float64Array.from(readNpy(kept.bytes, kept.path).data, Number);
  let from = 0;
  const sumsIn = (bins: readonly number[]) => {
    const values = data.subarray(from, from + pixels * bins.length);
    from += values.length;
    return sumsOf(pixels, { bins, values });
  };
  return {
    looks: looks.map(({ at, look: { values, ...look } }) => ({
      at,
      look: { ...look, values: values.map((value) => value ?? undefined) },
    })),
    likeness: likeness.map(({ rankCorrelation, structuralSimilarity, ...pair }) => ({
      ...pair,
      rankCorrelation: rankCorrelation ?? undefined,
      structuralSimilarity: structuralSimilarity ?? undefined,
    })),
    maps: new Map(maps.map(({ model, photos, bins }) => [model, { photos, sums: sumsIn(bins) }])),
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
  const maps = new Map<string, MapSum>();
  for (const part of parts) mergeMapSums(maps, part.maps);
  return {
    maps,
    likeness: parts.flatMap(({ likeness }) => likeness),
    looks: parts.flatMap(({ looks }) => looks),
    without: parts.flatMap(({ without }) => without),
    shown: [...shown.values()],
  };
}

/** What is measured depends on all that was asked but these; limn's version says which networks find faces. */
const regionsHead = (
  { output: _, parquet: __, threads: ___, weights: ____, photos: _____, ...asked }: RegionsFields,
  { items }: OpenRegions,
  host: Host,
): AnalysisHead => workHead(undefined, asked.explanations[0], items(), asked, host);
