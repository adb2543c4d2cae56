import type { Spread } from '../folds.ts';
import type { Measures } from '../measures.ts';
import type { ResultInfo } from '../result.ts';
import type { Ratio } from '../statistics/effect.ts';

/** What a comparison found: data only, ready for JSON. Everything a table, a chart or a page shows of it is here. */
export interface Comparison {
  readonly targets: readonly TargetComparison[];
  /** How intervals were drawn. */
  readonly resamples: number;
  readonly seed: number;
}

/** All results that predict one thing. Indices of entries point into `entries`. */
export interface TargetComparison {
  /** `age`; with a note where two kinds of heads go by one name: `age (number)`. */
  readonly target: string;
  readonly kind: 'classes' | 'number';
  readonly labels?: readonly string[];
  /** The measures compared, the main one first. */
  readonly outcomes: readonly OutcomeInfo[];
  /** Images that any entry answered. */
  readonly images: number;
  /** Persons on them; absent where no image says whose face it is, or none shares its person with another. */
  readonly persons?: number;
  readonly entries: readonly ComparedEntry[];
  /** The entry that all others are held against. */
  readonly baseline?: number;
  readonly pairs: readonly Pair[];
  readonly groupings: readonly Grouping[];
  /** What a reader must know: differing data or settings, tests that could not be made. Sentences. */
  readonly notes: readonly string[];
}

/** A measure by which models are compared: accuracy, one-off accuracy, mean absolute error. */
export type OutcomeName = 'accuracy' | 'oneOff' | 'mae';

/** A measure by which models are compared, in words and with the better direction. */
export interface OutcomeInfo {
  readonly name: OutcomeName;
  /** In words: `one-off accuracy`. */
  readonly title: string;
  /** A share of images from 0 to 1, or a mean in the truth's units. */
  readonly kind: 'share' | 'number';
  readonly better: 'higher' | 'lower';
}

/**
 * How an interval was made: Wilson's score interval over images, or over persons where too few tell; the bootstrap
 * over images or over persons; Bonett and Price's or Newcombe's for differences, over images or persons.
 */
export type IntervalMethod =
  | 'wilson'
  | 'bootstrap'
  | 'bonett-price'
  | 'newcombe'
  | 'wilson-persons'
  | 'bootstrap-persons'
  | 'bonett-price-persons'
  | 'newcombe-persons';

/** A number with its 95 % interval, which is absent where one image or person is all there is. */
export interface Estimate {
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
  readonly method?: IntervalMethod;
  /** Images behind it. */
  readonly n: number;
  readonly persons?: number;
}

/** One model, all its folds together. */
export interface ComparedEntry {
  readonly name: string;
  /** The results that it consists of: several where folds were evaluated one by one. */
  readonly results: readonly { readonly source: string; readonly info: ResultInfo }[];
  /** Their common place, without the fold. */
  readonly place: Readonly<Record<string, string>>;
  /** Over all images at once. */
  readonly values: Readonly<Partial<Record<OutcomeName, Estimate>>>;
  /** All measures over all images at once: confusion, calibration, classes. */
  readonly measures: Measures;
  /** Every fold on its own, and mean ± population standard deviation over them. */
  readonly folds?: {
    readonly each: readonly {
      readonly fold: string;
      readonly n: number;
      readonly values: Readonly<Partial<Record<OutcomeName, number>>>;
    }[];
    readonly spread: Readonly<Partial<Record<OutcomeName, Spread>>>;
  };
}

/** A p-value, alone and after Holm's adjustment for all tests of its family. */
export interface Test {
  readonly p: number;
  readonly adjusted: number;
  /** How many tests the family has. */
  readonly family: number;
}

/** Two entries on the images that both answered. */
export interface Pair {
  readonly first: number;
  readonly second: number;
  readonly outcome: OutcomeName;
  readonly n: number;
  readonly persons?: number;
  /** Both values on those images. */
  readonly values: readonly [first: number, second: number];
  /** First less second. */
  readonly difference: Estimate;
  /** Images by who is right; for shares only. */
  readonly counts?: {
    readonly both: number;
    readonly onlyFirst: number;
    readonly onlySecond: number;
    readonly neither: number;
  };
  /** McNemar's exact test over images; for shares only. */
  readonly mcnemar?: Test;
  /** Sign-flip test over persons where they are known (exact for shares), over images for means. */
  readonly signFlip?: Test;
  /** The test to go by: `signFlip` where there is one, or else `mcnemar`. */
  readonly test: Test & { readonly name: 'mcnemar' | 'sign-flip' };
  readonly cohensH?: number;
  /** Odds ratio of the discordant pairs; absent where there are none. */
  readonly odds?: Ratio;
}

/** One entry's values by the groups of one or several crossed columns. */
export interface Grouping {
  readonly columns: readonly string[];
  readonly entry: number;
  readonly outcome: OutcomeName;
  readonly overall: Estimate;
  /** The worst gap first; groups too small to rank behind all others. */
  readonly groups: readonly Group[];
}

/** One group of photos: its value, how far that is from all photos, and whether chance explains it. */
export interface Group {
  /** The columns' values, in their order. */
  readonly values: readonly string[];
  readonly estimate: Estimate;
  /** The group's value less that of all images. */
  readonly gap: Estimate;
  /** The group against all other images; absent where there are none, or too little to test. */
  readonly test?: Test;
  /**
   * Of crossed columns: the group against the rest of each group that it is the crossing of (images that are alike in all
   * columns but one), the largest p-value of these. Where it is small, the group differs from all of them, and in one
   * direction; where it is not, the group may only restate what one of its columns shows.
   */
  readonly own?: Test;
  /** Fewer than 30 images or 10 persons: its numbers say little. */
  readonly small: boolean;
}
