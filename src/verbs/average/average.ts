import { type AnalysisHead, givenSettings } from '../../common/analysed.ts';
import type { FileData } from '../../common/bytes.ts';
import { fail, failRequest } from '../../common/error.ts';
import { plural } from '../../common/format.ts';
import { SHARD_FILE, type Shard, shardRange } from '../../common/shard.ts';
import { field, words } from '../../common/words.ts';
import {
  colormap,
  heatmaps,
  type Image,
  layoutFigure,
  limitOf,
  meanRelevance,
  renderHeatmap,
  writeNpy,
  writeRawHeatmap,
} from '../../image/index.ts';
import { heatmapScaleOf } from '../explain/request.ts';
import type { Host } from '../host.ts';
import { filesNamed } from '../paths.ts';
import { rawHeatmaps } from '../rawheatmaps.ts';
import { checkRequest } from '../request.ts';
import type { Watch } from '../verb.ts';
import { averageFigure } from './figure.ts';
import { type GatheredMaps, gatherMaps } from './gather.ts';
import {
  type AverageFields,
  type AverageRequest,
  type AverageShardRequest,
  averageRequest,
  averageShardRequest,
} from './request.ts';
import { SHARD_MAPS_FILE, SHARD_SUMS_FILE, writeAverageShard } from './shardfile.ts';

/** What was averaged, and how alike it was. */
export interface AverageResult {
  /** The file that was written. */
  readonly output: string;
  /** How many maps were averaged. */
  readonly maps: number;
  /** Of the mean, 1×C×H×W. */
  readonly shape: readonly number[];
  /** How many times the Σ|R| of the smallest map that of the largest is: few maps decide the mean where it is large. */
  readonly spread: number;
  /** The value at the ends of the colours. */
  readonly limit: number;
}

/** A part of what is averaged. */
export interface AverageShard {
  readonly shard: Shard;
  /** How many files of heatmaps it has. */
  readonly heatmaps: number;
  readonly files: readonly string[];
}

/**
 * Averages raw heatmaps of one shape, as the paper does over the models of several folds, and writes the mean: raw, or
 * as a figure, or a bare heatmap. Sums are exact, and memory does not grow with the maps. Errors: the request's; a file that
 * holds no relevance, maps of different shapes.
 */
export async function average(
  request: AverageRequest,
  host: Host,
  { signal }: Watch<never> = {},
): Promise<AverageResult> {
  const fields = checkRequest(averageRequest, request, signal);
  heatmapScaleOf(fields); // Before any map is read.
  const files = await heatmapFiles(fields, host);
  await host.files.claim([fields.output]);
  const gathered = await gatherMaps(files, fields, host, signal);
  return writeAverage(gathered ?? fail('average', 'no relevance maps given'), fields, host);
}

/**
 * Sums a part of the files up for {@link average} with the same request. Writes `shard.json` and the exact sums into the folder
 * `output`, which `merge` takes: the mean of all shards is that of one piece, to the last bit. Errors: as there; fewer files
 * than shards.
 */
export async function averageShard(
  request: AverageShardRequest,
  host: Host,
  { signal }: Watch<never> = {},
): Promise<AverageShard> {
  const { shard, ...fields } = checkRequest(averageShardRequest, request, signal);
  heatmapScaleOf(fields);
  const { output } = fields;
  const all = await heatmapFiles(fields, host);
  const { from, to } = shardRange(all.length, shard, words`${field('shard')}`, 'files');
  const written = [SHARD_FILE, SHARD_SUMS_FILE, SHARD_MAPS_FILE].map((name) => host.files.join(output, name));
  const identity = averageHead(all, fields, host);
  await host.files.makeFolder(output);
  await host.files.claim(written);
  const gathered = await gatherMaps(all.slice(from, to), fields, host, signal);
  await writeAverageShard(output, { shard, identity, fields, gathered }, host);
  return { shard, heatmaps: to - from, files: written.slice(0, 1) };
}

/** The files of heatmaps, and what a figure calls them. */
async function heatmapFiles(
  { maps, names }: Pick<AverageFields, 'maps' | 'names'>,
  host: Host,
): Promise<{ path: string; title: string }[]> {
  const paths = await filesNamed(maps, rawHeatmaps, host);
  if (names && names.length !== paths.length)
    failRequest(words`${field('names')}`, `${names.length} for ${plural(paths.length, 'file')}`);
  host.files.protect(paths);
  return paths.map((path, i) => ({ path, title: names?.[i] ?? path }));
}

function averageHead(
  files: readonly { readonly path: string; readonly title: string }[],
  { maps, names: _, output: __, ...asked }: AverageFields,
  host: Host,
): AnalysisHead {
  return {
    data: {
      source: maps[0],
      sha256: host.sha256().update(JSON.stringify(files)).digest(),
      photos: files.length,
      skipped: [],
    },
    settings: givenSettings(asked),
    versions: host.versions,
  };
}

/** Writes the mean of what was gathered: raw, or drawn. */
export async function writeAverage(
  { sums, titles, sizes, few }: GatheredMaps,
  { output, channels, normalise, pooling, colors, figure, density, ...fields }: AverageFields,
  host: Host,
): Promise<AverageResult> {
  const scale = heatmapScaleOf(fields);
  const { maps } = sums;
  const mean = meanRelevance(sums);
  const [map] = heatmaps(mean, pooling);
  const limit = limitOf(map, scale);
  const spread = sizes.most > 0 ? sizes.most / sizes.least : 1;
  const drawn = (): Image | Promise<Image> => {
    if (!figure) return renderHeatmap(map, colormap(colors), limit);
    const shown = few.map((each) => ({ name: each.name, map: () => heatmaps(each.map, pooling)[0] }));
    const about = { mean: map, maps, titles: [...titles], few: shown, normalise, spread };
    return host.images.draw(layoutFigure(averageFigure(about, { colors, scale, density })));
  };
  const content = async (): Promise<FileData> => {
    if (/\.npy$/i.test(output)) return writeNpy(mean);
    if (/\.txt$/i.test(output)) return writeRawHeatmap(mean, channels);
    return host.images.encodePng(await drawn());
  };
  await host.files.write(output, await content());
  return { output, maps, shape: mean.shape, spread, limit };
}
