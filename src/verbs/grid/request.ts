import * as v from 'valibot';
import { datasetFields } from '../dataset.ts';
import { heatmapFields, methodFields } from '../explain/request.ts';
import { computeFields, list, names, shard, whole } from '../request.ts';

/** What {@link grid} is asked: photos down and models across, or average heatmaps per model and group. */
export const gridRequest = v.strictObject({
  /** The models' files, `.onnx`: the columns. */
  models: names,
  /** What they are called; their files unless given. Averages of models of one name are taken together. */
  names: v.optional(list(v.string())),
  /** The folder to write into. */
  output: v.string(),
  /** The rows, unless `means` are asked for. */
  photos: v.optional(names),
  /** Each photo's true class, as index or label. */
  truth: v.optional(list(v.string())),
  /** Labelled pictures to average over: a list, folder, `.csv` manifest or LMDB. */
  means: v.optional(v.string()),
  /** Rows of averages: a column of the data (several: all combinations), or `predicted`. */
  by: v.optional(list(v.string())),
  /** The column of true classes; the one named as the model's output unless given. */
  truthColumn: v.optional(v.string()),
  /** What is explained: `predicted`, `true`, an index, a label, `A + B`, `A vs B`. */
  target: v.optional(v.string(), 'predicted'),
  /** One colour scale for each row. */
  sharedScale: v.optional(v.boolean(), false),
  /** Heatmaps are drawn over the photos. */
  overlay: v.optional(v.boolean(), false),
  /** How many classes stand beneath a cell. */
  top: v.optional(whole(1), 3),
  ...datasetFields,
  ...methodFields,
  ...heatmapFields,
  ...computeFields,
});

/** What {@link grid} is asked; a field with a question mark may be left out. */
export type GridRequest = v.InferInput<typeof gridRequest>;

/** A request with its defaults. */
export type GridFields = v.InferOutput<typeof gridRequest>;

/** What {@link gridShard} is asked: average heatmaps. */
export const gridShardRequest = v.strictObject({
  ...gridRequest.entries,
  /** Which part of the pictures is summed up. */
  shard,
});

/** What {@link gridShard} is asked; a field with a question mark may be left out. */
export type GridShardRequest = v.InferInput<typeof gridShardRequest>;
