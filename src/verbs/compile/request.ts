import * as v from 'valibot';
import { lrpFields } from '../explain/request.ts';
import { list } from '../request.ts';

/** What {@link compile} is asked. */
export const compileRequest = v.strictObject({
  /** The model's file, `.onnx`. */
  model: v.string(),
  /** The `.onnx` file to write. */
  output: v.string(),
  /** What the input `target` of the compiled model is: an index per image (-1: the predicted class), or weights of classes. */
  target: v.optional(v.picklist(['index', 'weights']), 'index'),
  ...lrpFields,
  /** The output that is explained; the first with classes unless given. */
  head: v.optional(v.string()),
  /** Relevance at the target: its score, one, or its probability. */
  start: v.optional(v.picklist(['score', 'one', 'probability'])),
  /** Relevance at these layers, too. */
  layer: v.optional(list(v.string())),
});

/** What {@link compile} is asked; a field with a question mark may be left out. */
export type CompileRequest = v.InferInput<typeof compileRequest>;
