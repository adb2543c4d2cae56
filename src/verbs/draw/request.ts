import * as v from 'valibot';
import { heatmapFields } from '../explain/request.ts';
import { list, names, whole } from '../request.ts';

/** What {@link draw} is asked. */
export const drawRequest = v.strictObject({
  /** Raw heatmaps: folders of them, one for each model or fold, and files (`.npy`, `.npz`, `.mat`, `_rawhm.txt`). */
  maps: names,
  /** The folder to write into. */
  output: v.string(),
  /** What the models are called, one for each of `maps`; unless given as their folders. Heatmaps of one name are averaged by photo. */
  names: v.optional(list(v.string())),
  /** Photos that are shown beside their heatmaps, which are called as they are. */
  photos: v.optional(names),
  /**
   * Photos or arrays (N×C×H×W) that heatmaps are of, called as they are: their outlines are drawn over the pictures, in black, as the
   * LRP Toolbox draws digits.
   */
  outline: v.optional(names),
  /** Whether the figure has a row for each model; else it has one for each photo. */
  transpose: v.optional(v.boolean(), false),
  /** One colour scale for all heatmaps of a photo. */
  sharedScale: v.optional(v.boolean(), false),
  /** Each value of a picture is drawn as so many pixels high and wide. */
  enlarge: v.optional(whole(1), 1),
  /** The order of the channels in files that do not say. */
  channels: v.optional(v.picklist(['bgr', 'rgb']), 'bgr'),
  ...heatmapFields,
});

/** What {@link draw} is asked; a field with a question mark may be left out. */
export type DrawRequest = v.InferInput<typeof drawRequest>;
/** The request with its defaults. */
export type DrawFields = v.InferOutput<typeof drawRequest>;
