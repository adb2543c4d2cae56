import * as v from 'valibot';
import { computeFields, list } from '../request.ts';

/** What {@link runModel} is asked. */
export const runModelRequest = v.strictObject({
  /** The model's file, `.onnx`. */
  model: v.string(),
  /** `.npy` files: for the first input, or for the one of a name. */
  input: list(v.union([v.string(), v.strictObject({ name: v.string(), file: v.string() })])),
  /** Outputs, or layers inside of the network; `all` for everything. The model's outputs unless given. */
  outputs: v.optional(list(v.string())),
  /** The folder to write into, a file per tensor. */
  output: v.string(),
  ...computeFields,
});

/** What {@link runModel} is asked; a field with a question mark may be left out. */
export type RunModelRequest = v.InferInput<typeof runModelRequest>;
