import * as v from 'valibot';
import { heatmapFields, methodFields } from '../explain/request.ts';
import { computeFields, list, whole } from '../request.ts';

const { head: _, ...methods } = methodFields;

/** What {@link page} is asked. */
export const pageRequest = v.strictObject({
  /** The model's file, `.onnx`; all its outputs whose meaning is known are explained. */
  model: v.string(),
  photo: v.string(),
  /** The folder to write into. */
  output: v.string(),
  /** What is explained of outputs with classes: `predicted`, an index, a label, `A + B`, `A vs B`. */
  target: v.optional(v.string(), 'predicted'),
  /** How many classes are named. */
  top: v.optional(whole(1), 5),
  /** The page's heading. */
  title: v.optional(v.string(), 'What does the network look at?'),
  /** Its first sentences; what the network sees unless given. */
  lead: v.optional(v.string()),
  /** What to do next: a sentence and what to type. */
  next: v.optional(list(v.strictObject({ text: v.string(), command: v.string() })), []),
  /** Where the photo is from, and what else is to be said; the network's provenance is said anyway. */
  sources: v.optional(list(v.string()), []),
  ...methods,
  ...heatmapFields,
  ...computeFields,
});

/** What {@link page} is asked; a field with a question mark may be left out. */
export type PageRequest = v.InferInput<typeof pageRequest>;
