import * as v from 'valibot';
import { detectorFields } from '../faces/request.ts';
import { computeFields, list, names, parquet, shard, whole } from '../request.ts';

/** What {@link regions} is asked. */
export const regionsRequest = v.strictObject({
  /** Folders that `explain` wrote, with raw relevance: one for each model, or for each of its folds. */
  explanations: names,
  /** What the models are called, one for each folder; as their folders unless given. Those of one name are folds of one model. */
  names: v.optional(list(v.string())),
  /**
   * What each folder's model is, by name: `{ architecture: 'VGG16', initialisation: 'n' }`. Models that differ in one of these only
   * are compared with each other by it.
   */
  places: v.optional(list(v.record(v.string(), v.string()))),
  /** The photos, where they are no longer where they were explained; found by the names of their files. */
  photos: v.optional(names),
  /** What it is about, for the page that `report` makes. */
  title: v.optional(v.string()),
  /** The folder to write into. */
  output: v.string(),
  /** How channels become one map: added up, or their mean. */
  pooling: v.optional(v.picklist(['sum', 'mean']), 'sum'),
  /** Resamples of photos for intervals. */
  resamples: v.optional(whole(100), 2000),
  seed: v.optional(whole(), 0),
  ...detectorFields,
  /** Whether `regions.csv` is written as Parquet, too. */
  parquet,
  ...computeFields,
});

/** What {@link regions} is asked; a field with a question mark may be left out. */
export type RegionsRequest = v.InferInput<typeof regionsRequest>;
/** The request with its defaults. */
export type RegionsFields = v.InferOutput<typeof regionsRequest>;

/** What {@link regionsShard} is asked. */
export const regionsShardRequest = v.strictObject({
  ...regionsRequest.entries,
  /** Which part of the photos is measured. */
  shard,
});

/** What {@link regionsShard} is asked; a field with a question mark may be left out. */
export type RegionsShardRequest = v.InferInput<typeof regionsShardRequest>;
