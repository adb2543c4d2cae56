import * as v from 'valibot';
import { lrpFields } from '../explain/request.ts';
import { computeFields, list, names, parquet, shard, whole } from '../request.ts';

const { injectAuxiliary: _, ...propagationFields } = lrpFields;

/** What {@link concepts} is asked. */
export const conceptsRequest = v.strictObject({
  /** The model's file, `.onnx`. */
  model: v.string(),
  /** Photos; or one set of them: a folder, an image list, an LMDB database, a `.csv` manifest. Labels are not read. */
  data: names,
  /** The folder to write into. */
  output: v.string(),
  /**
   * Layers whose channels are analysed, by name; unless given, the last whose feature maps all ways to the scores lead
   * through, and the one in the middle of such.
   */
  layers: v.optional(list(v.string())),
  /** Photos that are explained by the channels that carried their decision. */
  explain: v.optional(list(v.string()), []),
  /** What is explained: `predicted`, an index, a label, `A + B`, `A vs B`. */
  target: v.optional(v.string(), 'predicted'),
  /** The output that is explained; the first with classes unless given. */
  head: v.optional(v.string()),
  ...propagationFields,
  /** Channels that are shown of each layer, and of each explained photo. */
  channels: v.optional(whole(1), 6),
  /** Reference photos of each channel. */
  references: v.optional(whole(1), 6),
  /** At most so many photos, spread evenly over the data; all unless given. */
  photos: v.optional(whole(1)),
  /** The folder that a list's paths start from; its own unless given. */
  images: v.optional(v.string()),
  /** Photos per run. */
  batch: v.optional(whole(1), 8),
  /** Whether photos that are missing or cannot be read are left out and recorded. */
  skipBad: v.optional(v.boolean(), false),
  /** Whether an unfinished or other result in the folder is forgotten. */
  restart: v.optional(v.boolean(), false),
  /** Whether sheets and the page are made. */
  sheets: v.optional(v.boolean(), true),
  /** Whether `channels.csv` is written as Parquet, too. */
  parquet,
  ...computeFields,
});

/** What {@link concepts} is asked; a field with a question mark may be left out. */
export type ConceptsRequest = v.InferInput<typeof conceptsRequest>;

/** What {@link conceptsShard} is asked. */
export const conceptsShardRequest = v.strictObject({
  ...conceptsRequest.entries,
  /** Which part of the photos is surveyed. */
  shard,
});

/** What {@link conceptsShard} is asked; a field with a question mark may be left out. */
export type ConceptsShardRequest = v.InferInput<typeof conceptsShardRequest>;

/** The request with its defaults. */
export type ConceptsFields = v.InferOutput<typeof conceptsRequest>;
