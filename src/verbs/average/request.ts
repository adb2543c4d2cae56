import * as v from 'valibot';
import { heatmapFields } from '../explain/request.ts';
import { list, names, shard, whole } from '../request.ts';

/** What {@link average} is asked. */
export const averageRequest = v.strictObject({
  /** Raw relevance of one shape: `.npy`, `.npz`, `.mat` (N×C×H×W, C×H×W, H×W) and `_rawhm.txt` files; maps of a batch count one by one. */
  maps: names,
  /** What a figure calls them, one for each file; their paths unless given. */
  names: v.optional(list(v.string())),
  /** The file to write: `.npy` or `.txt` for the raw mean, else a picture. */
  output: v.string(),
  /** Whether each map is divided by its Σ|R| first, so that all have the same weight. */
  normalise: v.optional(v.boolean(), false),
  /** The order of the channels in `.npy` files. */
  channels: v.optional(v.picklist(['bgr', 'rgb']), 'bgr'),
  /** Whether a picture is a figure with a legend; else it is the bare heatmap, a pixel for each of the network's input. */
  figure: v.optional(v.boolean(), true),
  /** Pixels per unit of the figure; 2 unless given. */
  density: v.optional(whole(1)),
  ...heatmapFields,
});

/** What {@link average} is asked; a field with a question mark may be left out. */
export type AverageRequest = v.InferInput<typeof averageRequest>;

/** The request with its defaults. */
export type AverageFields = v.InferOutput<typeof averageRequest>;

/** What {@link averageShard} is asked; `output` is a folder. */
export const averageShardRequest = v.strictObject({
  ...averageRequest.entries,
  /** Which part of the files is summed up. */
  shard,
});

/** What {@link averageShard} is asked; a field with a question mark may be left out. */
export type AverageShardRequest = v.InferInput<typeof averageShardRequest>;
