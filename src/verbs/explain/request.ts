import * as v from 'valibot';
import { methodNames } from '../../attribution/method.ts';
import { failRequest } from '../../common/error.ts';
import { field, words } from '../../common/words.ts';
import { COLORMAPS } from '../../image/maps/colormap.ts';
import type { HeatmapScale } from '../../image/maps/heatmap.ts';
import { formulaCodes, formulaNames } from '../../relevance/composites/toolbox.ts';
import { askedFacesFields } from '../faces/request.ts';
import { computeFields, list, names, number, shard, whole } from '../request.ts';

/** The parameters of layer-wise relevance propagation: see `MethodFields` of limn/attribution. */
export const lrpFields = {
  composite: v.optional(v.string()),
  /** A code, or the toolbox's name for it. */
  formula: v.optional(
    v.union([
      v.picklist(formulaCodes),
      v.pipe(
        v.picklist(Object.keys(formulaNames)),
        v.transform((name) => formulaNames[name]),
      ),
    ]),
  ),
  epsilon: v.optional(number(0)),
  beta: v.optional(number(0)),
  gamma: v.optional(number(0)),
  upTo: v.optional(whole()),
  lrn: v.optional(v.picklist(['taylor', 'original', 'identity'])),
  sums: v.optional(v.picklist(['absolute', 'positive', 'proportional'])),
  variant: v.optional(v.picklist(['faithful', 'corrected'])),
  injectAuxiliary: v.optional(v.boolean()),
};

/** A method and its parameters: see `MethodFields` of limn/attribution. */
export const methodFields = {
  method: v.optional(v.picklist(methodNames), 'lrp'),
  ...lrpFields,
  samples: v.optional(whole(1)),
  noise: v.optional(number(0)),
  seed: v.optional(whole()),
  steps: v.optional(whole(1)),
  rule: v.optional(v.picklist(['gauss-legendre', 'midpoint'])),
  /** `zero`, `black`, `gray`, `white`, a number, or the path of an `.npy` file. */
  baseline: v.optional(v.union([v.string(), v.number()])),
  window: v.optional(whole(1)),
  stride: v.optional(whole(1)),
  of: v.optional(v.picklist(['score', 'probability'])),
  cells: v.optional(whole(1)),
  keep: v.optional(number(0, 1)),
  layer: v.optional(list(v.string())),
  head: v.optional(v.string()),
  start: v.optional(v.picklist(['score', 'one', 'probability'])),
  conservation: v.optional(v.boolean()),
};

/** How relevance becomes a picture. */
export const heatmapFields = {
  /** The name of a colour map. */
  colors: v.optional(v.picklist([...COLORMAPS.keys()]), 'black-firered'),
  /** How the channels become one map. */
  pooling: v.optional(v.picklist(['sum', 'mean', 'norm']), 'sum'),
  /** The colours end at this percentile of |relevance|, 99.5 unless given: a few pixels do not darken all others. */
  percentile: v.optional(number(0, 100)),
  /** The colours end at ±this, in every heatmap. */
  limit: v.optional(number(0)),
};

/** What {@link explain} is asked. */
export const explainRequest = v.strictObject({
  /** The model's file, `.onnx`. */
  model: v.string(),
  /** Photos, or one `.npy` file of a batch N×C×H×W that is already prepared. */
  photos: names,
  /** What is explained: `predicted`, an index, a label, `A + B`, `A vs B`, `top 5`. */
  target: v.optional(v.string(), 'predicted'),
  /** What is explained of each photo, or image of a batch, in place of `target`: one for each. */
  targets: v.optional(list(v.string())),
  /** How many classes are named. */
  top: v.optional(whole(1), 5),
  ...methodFields,
  ...heatmapFields,
  ...askedFacesFields,
  /** Which part of the photos is explained, for {@link merge}; all unless given. */
  shard: v.optional(shard),
  ...computeFields,
});

/** What {@link explain} is asked; a field with a question mark may be left out. */
export type ExplainRequest = v.InferInput<typeof explainRequest>;

/** How raw relevance can be written. */
const rawFormats = ['npy', 'rawhm', 'toolbox', 'none'] as const;

/** The request with its defaults. */
export type ExplainFields = v.InferOutput<typeof explainRequest>;

/** What {@link saveExplanations} is asked besides. */
export const saveRequest = v.strictObject({
  ...explainRequest.entries,
  /** The folder to write into. */
  output: v.string(),
  /**
   * A folder on the way to every photo, from which on files lie in folders as the photos do, each named as its photo with the
   * ending: `faces`, `a/faces/b/c.jpg` → `faces/b/c.jpg_heatmap.png`. Unless given all lie in one folder.
   */
  mirror: v.optional(v.string()),
  /** One colour scale for all photos. */
  sharedScale: v.optional(v.boolean(), false),
  /** How raw relevance is written; `toolbox`: as the LRP Toolbox, with the ten best scores and what the network saw. */
  raw: v.optional(list(v.picklist(rawFormats)), ['npy']),
  /** Whether figures are drawn besides heatmaps. */
  figure: v.optional(v.boolean(), true),
  /** Pixels per unit of figures; 2 unless given, or 1 for more than 12 photos, which is faster. */
  density: v.optional(whole(1)),
});

/** What {@link saveExplanations} is asked; a field with a question mark may be left out. */
export type SaveExplanationsRequest = v.InferInput<typeof saveRequest>;

/** The request with its defaults. */
export type SaveFields = v.InferOutput<typeof saveRequest>;

/** Beyond it are 63 of 112×112 pixels. */
const usualPercentile = 99.5;

/** Where the ends of the colour map lie. Errors: both ways are given. */
export function heatmapScaleOf({
  percentile,
  limit,
}: {
  readonly percentile?: number | undefined;
  readonly limit?: number | undefined;
}): HeatmapScale {
  if (percentile !== undefined && limit !== undefined) {
    failRequest(
      words`${field('limit')}`,
      words`it and ${field('percentile')} exclude each other`,
      'give one of them',
    );
  }
  if (percentile === 0) failRequest(words`${field('percentile')}`, 'it must be above 0');
  return limit !== undefined ? { limit } : { percentile: percentile ?? usualPercentile };
}
