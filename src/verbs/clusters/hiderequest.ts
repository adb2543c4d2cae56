import * as v from 'valibot';
import { hiddenRegions } from '../../clusters/index.ts';
import { replacements } from '../../faithfulness/index.ts';
import { computeFields, names, number, whole } from '../request.ts';

/** What `hideRegion` is asked. */
export const hideRequest = v.strictObject({
  /** The model's file, `.onnx`. */
  model: v.string(),
  /** Photos, or one set of them, as `clusters` takes them. */
  data: names,
  /** The folder to write into; with `cluster:N`, the one that clusters are in. */
  output: v.string(),
  /** `cluster:N`, where that cluster's mean relevance is strong; or a picture, white where photos are to be hidden. */
  hide: v.string(),
  /**
   * Of a cluster: where its mean relevance is strong; or, of what its pictures have there at one place and the rest of their class
   * has not, all of it (`pictures`), which takes the photos that were clustered.
   */
  region: v.optional(v.picklist(hiddenRegions), 'relevance'),
  /** The share of a cluster's mean relevance for its class that its region holds. */
  share: v.optional(number(0.01, 1), 0.5),
  /** What stands where photos are hidden, made from the rest of the photo alone. */
  replacement: v.optional(v.picklist(replacements), 'mean'),
  /** A folder to write the photos into with the region hidden, and a list of them, to train on. */
  save: v.optional(v.string()),
  /** The output that answers; the first with classes unless given. */
  head: v.optional(v.string()),
  truthColumn: v.optional(v.string()),
  images: v.optional(v.string()),
  /** At most so many photos, spread evenly over the data; all unless given. */
  photos: v.optional(whole(1)),
  seed: v.optional(whole(), 1),
  /** Of the bootstrap. */
  resamples: v.optional(whole(100), 2000),
  /** Photos per run, three copies each. */
  batch: v.optional(whole(1), 16),
  /** Whether photos that are missing or cannot be read are left out and recorded. */
  skipBad: v.optional(v.boolean(), false),
  ...computeFields,
});

/** What {@link hide} is asked; a field with a question mark may be left out. */
export type HideRequest = v.InferInput<typeof hideRequest>;

/** The request with its defaults. */
export type HideFields = v.InferOutput<typeof hideRequest>;
