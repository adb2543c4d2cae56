import * as v from 'valibot';
import { inputShape, list, whole } from '../request.ts';

/** What {@link inspect} is asked. */
export const inspectRequest = v.strictObject({
  /** The model's file: `.onnx`, or a network's definition in Caffe's text, which needs no weights. */
  model: v.string(),
  /** Of a definition: which layers take part. */
  phase: v.optional(v.picklist(['train', 'test']), 'test'),
  /** Of a definition: stages that hold. */
  stage: v.optional(list(v.string())),
  /** Of a definition: the level. */
  level: v.optional(whole(Number.MIN_SAFE_INTEGER)),
  /** Of a definition: N×C×H×W of its input, where the file does not say. */
  inputShape: v.optional(inputShape),
  /** The composite whose rules are listed; that of an explanation by default unless given. */
  composite: v.optional(v.string()),
});

/** What {@link inspect} is asked; a field with a question mark may be left out. */
export type InspectRequest = v.InferInput<typeof inspectRequest>;
