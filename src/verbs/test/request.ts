import * as v from 'valibot';
import { computeFields, list, whole } from '../request.ts';
import { placeFields } from '../train/request.ts';

/** What a test is asked. */
export const testRequest = v.strictObject({
  /** A `train_val` definition, `.prototxt`, or an `.onnx` model. */
  model: v.string(),
  /** Of a definition: `.caffemodel` or `.onnx`, by layer name. */
  weights: v.optional(list(v.string())),
  /** Of an `.onnx` model: an image list or an LMDB database. */
  data: v.optional(v.string()),
  /** Of an `.onnx` model: pictures in a batch. */
  batch: v.optional(whole(1), 50),
  /** Batches. */
  iterations: v.optional(whole(1), 50),
  ...placeFields,
  ...computeFields,
});

/** What {@link test} is asked; a field with a question mark may be left out. */
export type TestRequest = v.InferInput<typeof testRequest>;

/** The request with its defaults. */
export type TestFields = v.InferOutput<typeof testRequest>;
