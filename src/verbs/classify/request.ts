import * as v from 'valibot';
import { askedFacesFields } from '../faces/request.ts';
import { computeFields, names, shard, whole } from '../request.ts';

/** What {@link classify} is asked. */
export const classifyRequest = v.strictObject({
  /** The model's file, `.onnx`. */
  model: v.string(),
  /** Photos, or one `.npy` file of a batch N×C×H×W that is already prepared. */
  photos: names,
  /** `center`, or `ten`: the mean over ten crops, corners and middle, mirrored as well. */
  crops: v.optional(v.picklist(['center', 'ten']), 'center'),
  /** How many classes are named. */
  top: v.optional(whole(1), 5),
  /** The file to write the answers into, as JSON; none unless given. */
  output: v.optional(v.string()),
  ...askedFacesFields,
  ...computeFields,
});

/** What {@link classify} is asked; a field with a question mark may be left out. */
export type ClassifyRequest = v.InferInput<typeof classifyRequest>;

/** The request with its defaults. */
export type ClassifyFields = v.InferOutput<typeof classifyRequest>;

/** What {@link classifyShard} is asked. */
export const classifyShardRequest = v.strictObject({
  ...classifyRequest.entries,
  /** The folder to write into. */
  output: v.string(),
  /** Which part of the photos is classified. */
  shard,
});

/** What {@link classifyShard} is asked; a field with a question mark may be left out. */
export type ClassifyShardRequest = v.InferInput<typeof classifyShardRequest>;
