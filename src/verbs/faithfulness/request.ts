import * as v from 'valibot';
import { metrics, replacements } from '../../faithfulness/index.ts';
import { methodFields } from '../explain/request.ts';
import { computeFields, list, names, number, parquet, shard, whole } from '../request.ts';

/** A method with its parameters, how its channels become one map, and what it is called. */
export const methodSpec = v.strictObject({
  /** What tables call it; made of what is given unless given. */
  name: v.optional(v.string()),
  /** How the channels become one map; `sum` unless given. */
  pooling: v.optional(v.picklist(['sum', 'mean', 'norm'])),
  ...methodFields,
});

/** What is analysed unless it is chosen: relevance propagation, and what else takes one pass. */
export const usualMethods = ['lrp', 'gradient,pooling=norm', 'gradient-x-input', 'grad-cam'];

/** What {@link faithfulness} is asked. */
export const faithfulnessRequest = v.strictObject({
  /** The model's file, `.onnx`. */
  model: v.string(),
  /** Photos; or one set of them: a folder, an image list, an LMDB database, a `.csv` manifest. Labels are not read. */
  data: names,
  /** The folder to write into. */
  output: v.string(),
  /**
   * Methods, each as `NAME` or `NAME,FIELD=VALUE,…`, NAME a method or a composite (`epsilon-gamma-box,gamma=1`), or as an
   * object of the fields of `explain`. Maps that know nothing of the network are always analysed beside them.
   */
  methods: v.optional(list(v.union([v.string(), methodSpec])), usualMethods),
  metrics: v.optional(list(v.picklist(metrics)), [
    'pixel-flipping',
    'insertion',
    'complexity',
    'completeness',
    'randomisation',
  ]),
  /** What is explained: `predicted`, an index, a label, `A + B`, `A vs B`. */
  target: v.optional(v.string(), 'predicted'),
  /** The output that is explained; the first with classes unless given. */
  head: v.optional(v.string()),
  /** What of the target is measured; its probability where the output has any. */
  measured: v.optional(v.picklist(['probability', 'score'])),
  /** At most so many photos, spread evenly over the data; all unless given. */
  photos: v.optional(whole(1)),
  /** The side of the squares that are taken away together, in pixels; a 14th of the input's shorter side unless given. */
  region: v.optional(whole(1)),
  /** Steps of the curves. */
  steps: v.optional(whole(1), 24),
  /** The share of the regions that is gone at the last step. */
  until: v.optional(number(0.01, 1), 1),
  /** What stands where regions are taken away, for pixel flipping and subsets. */
  replacement: v.optional(v.picklist(replacements), 'mean'),
  /** Random subsets of each size. */
  subsets: v.optional(whole(3), 24),
  /** Noisy copies of a photo, for robustness and smooth randomisation. */
  copies: v.optional(whole(1), 8),
  /**
   * Whether SmoothGrad, Gradient SHAP and RISE draw all their samples for each map of robustness and randomisation, which
   * call for many; a quarter of what is drawn by default at most unless it is set.
   */
  allSamples: v.optional(v.boolean(), false),
  /** Layers at which randomisation stops, evenly spread. */
  stops: v.optional(whole(1), 5),
  /** A folder of pictures named as the photos, white where the object is: for localisation. */
  masks: v.optional(v.string()),
  /** The four columns of a manifest with the object's box in pixels: left, top, width, height. */
  boxes: v.optional(list(v.string())),
  /** The folder that a list's paths start from; its own unless given. */
  images: v.optional(v.string()),
  /** Changed photos per run. */
  batch: v.optional(whole(1), 16),
  seed: v.optional(whole(), 1),
  /** Of the bootstrap. */
  resamples: v.optional(whole(100), 2000),
  /** Whether photos that are missing or cannot be read are left out and recorded. */
  skipBad: v.optional(v.boolean(), false),
  /** Whether an unfinished or other result in the folder is forgotten. */
  restart: v.optional(v.boolean(), false),
  /** Whether charts are written. */
  charts: v.optional(v.boolean(), true),
  /** Whether `values.csv` is written as Parquet, too. */
  parquet,
  ...computeFields,
});

/** What {@link faithfulness} is asked; a field with a question mark may be left out. */
export type FaithfulnessRequest = v.InferInput<typeof faithfulnessRequest>;

/** What {@link faithfulnessShard} is asked. */
export const faithfulnessShardRequest = v.strictObject({
  ...faithfulnessRequest.entries,
  /** Which part of the photos is analysed. */
  shard,
});

/** What {@link faithfulnessShard} is asked; a field with a question mark may be left out. */
export type FaithfulnessShardRequest = v.InferInput<typeof faithfulnessShardRequest>;

/** The request with its defaults. */
export type FaithfulnessFields = v.InferOutput<typeof faithfulnessRequest>;
