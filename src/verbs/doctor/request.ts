import * as v from 'valibot';
import { computeFields, whole } from '../request.ts';

/** What {@link doctor} is asked. */
export const doctorRequest = v.strictObject({
  /** The model's file, `.onnx`. */
  model: v.string(),
  /** Labelled photos: an image list, an LMDB database, a folder per class, a `.csv` manifest. */
  data: v.string(),
  /** What is asked for: `age`, `gender`, or any column of a manifest. */
  target: v.optional(v.string()),
  /** The output that answers; the one named like the target unless given. */
  head: v.optional(v.string()),
  /** The folder that a list's paths start from; its own unless given. */
  images: v.optional(v.string()),
  /** Photos to try it on, as many of each class; more find smaller effects. */
  sample: v.optional(whole(1), 200),
  /** Chooses the photos. */
  seed: v.optional(whole(), 1),
  /** The file of a model with all findings mended that can be. */
  output: v.optional(v.string()),
  ...computeFields,
});

/** What {@link doctor} is asked; a field with a question mark may be left out. */
export type DoctorRequest = v.InferInput<typeof doctorRequest>;

/** What {@link checkDefinitions} is asked. */
export const definitionsRequest = v.strictObject({
  /** A definition (`.prototxt`, a network or a solver), the folder of one, or a folder of folders. */
  definitions: v.string(),
  /** The folder with `lmdb…/` and `mean_image…/`: what is not in it is said. Nothing is looked for unless given. */
  dataRoot: v.optional(v.string()),
});

/** What {@link checkDefinitions} is asked; a field with a question mark may be left out. */
export type DefinitionsRequest = v.InferInput<typeof definitionsRequest>;
