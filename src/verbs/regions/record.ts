import * as v from 'valibot';
import { fail } from '../../common/error.ts';
import { checkTextSize } from '../../common/limits.ts';
import { parseVersioned } from '../../common/versioned.ts';
import type { FailedItem } from '../verb.ts';
import { LOOK_MEASURES } from './looks.ts';
import type { LookComparison, LookContrast, LookEstimate, LookLikeness } from './statistics.ts';

/** The record of what was measured, in its folder. */
export const REGIONS_FILE = 'regions.json';

/** Beside it: photos with their regions, and mean heatmaps. */
export const REGIONS_PICTURE = 'regions.png';
export const MEANS_PICTURE = 'mean.png';

export const REGIONS_FORMAT = 'limn regions 1';

/** Where models look in faces: the content of `regions.json`. */
export interface RegionsResult {
  readonly format: typeof REGIONS_FORMAT;
  /** What it is about, as pages call it. */
  readonly title?: string | undefined;
  readonly models: readonly {
    readonly name: string;
    readonly sources: readonly string[];
    readonly place?: Readonly<Record<string, string>> | undefined;
  }[];
  /** How many photos were measured. */
  readonly photos: number;
  /** Those that were not, and why: above all those in which no face is found. */
  readonly without: readonly FailedItem[];
  /** What stands out, in sentences: differences whose adjusted p is below 0.05. */
  readonly findings: readonly string[];
  readonly estimates: readonly LookEstimate[];
  readonly pairs: readonly LookComparison[];
  readonly contrasts: readonly LookContrast[];
  readonly likeness: readonly LookLikeness[];
  readonly settings: { readonly pooling: string; readonly resamples: number; readonly seed: number };
  readonly versions: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

/* The shape of it, as far as pages are made of it. What else stands there is left as it is. */

const mean = {
  n: v.number(),
  mean: v.number(),
  low: v.optional(v.number()),
  high: v.optional(v.number()),
};

const compared = {
  measure: v.picklist(LOOK_MEASURES),
  first: v.string(),
  second: v.string(),
  difference: v.number(),
  low: v.optional(v.number()),
  high: v.optional(v.number()),
  adjusted: v.number(),
};

const record = v.looseObject({
  title: v.optional(v.string()),
  models: v.array(v.looseObject({ name: v.string() })),
  photos: v.number(),
  without: v.array(v.looseObject({})),
  findings: v.array(v.string()),
  estimates: v.array(
    v.looseObject({
      model: v.string(),
      measure: v.picklist(LOOK_MEASURES),
      target: v.optional(v.string()),
      ...mean,
    }),
  ),
  pairs: v.array(v.looseObject(compared)),
  contrasts: v.array(v.looseObject({ ...compared, factor: v.string(), models: v.number() })),
  likeness: v.array(
    v.looseObject({
      first: v.string(),
      second: v.string(),
      rankCorrelation: v.looseObject(mean),
      structuralSimilarity: v.looseObject(mean),
    }),
  ),
});

/** Reads `regions.json`. Errors name `path`, and the field: it is none, one of another version, or parts of it are missing. */
export function parseRegions(text: string, path: string): RegionsResult {
  checkTextSize(text, path);
  const fix = 'measure the regions again';
  const found = parseVersioned(text, path, { format: REGIONS_FORMAT, what: 'a record of regions', fix });
  const { success, issues } = v.safeParse(record, found, { abortEarly: true });
  if (success) return found as RegionsResult;
  const [{ expected, received }] = issues;
  const where = v.getDotPath(issues[0]);
  return fail(
    where === null ? path : `${path}: ${where}`,
    `damaged: expected ${expected}, got ${received}`,
    fix,
  );
}
