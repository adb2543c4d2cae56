import * as v from 'valibot';
import { inputShape, whole } from '../request.ts';

/** What {@link init} is asked. */
export const initRequest = v.strictObject({
  /** The network, as it is trained or as it is deployed. */
  prototxt: v.string(),
  /** The `.caffemodel` to write. */
  output: v.string(),
  /** Of the random numbers. */
  seed: v.optional(whole(), 0),
  /** N×C×H×W, where the file does not say, or another size is wanted. */
  inputShape: v.optional(inputShape),
});

/** What {@link init} is asked; a field with a question mark may be left out. */
export type InitRequest = v.InferInput<typeof initRequest>;
