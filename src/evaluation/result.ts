import type { Head } from '../graph/index.ts';

/** What was evaluated, on what and how: enough to repeat it, and to refuse a comparison of unlike things. */
export interface ResultInfo {
  /** The name that tables and charts show. */
  readonly name: string;
  readonly model: {
    readonly network: string;
    readonly file: string;
    /** Where it was, as the evaluation was called; absent in results of earlier versions. */
    readonly path?: string;
    readonly sha256: string;
    readonly head: Head;
  };
  /** `sha256` is of the images' names and labels in order: equal for equal data, wherever it lies. */
  readonly data: {
    readonly source: string;
    /** The folder that paths of images start from, where it was named. */
    readonly folder?: string;
    readonly sha256: string;
    readonly images: number;
  };
  /** Options by their names on the command line. */
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** Of the settings' names and values as sorted JSON: equal for equal settings. */
  readonly settingsSha256?: string;
  /** Whether classes have an order (ages), so that one-off accuracy means something. */
  readonly ordered: boolean;
  /** Where it stands in a table of many: architecture, preprocessing (i, r, m), initialisation ('', n, w), fold. */
  readonly place: Readonly<Record<string, string>>;
  readonly versions: Readonly<Record<string, string>>;
  /**
   * Whether a class' score is its probability, so that likelihood and calibration mean something; true unless given.
   * Not so for scores without a softmax, and for classes that a regression's number was sorted into.
   */
  readonly probabilities?: boolean;
  /** How labels were read, in sentences: which became which class, and what was left out. */
  readonly notes?: readonly string[];
  /** Images that could not be read, with the reason. */
  readonly skipped?: readonly { readonly image: string; readonly error: string }[];
}

/** One image's answer. */
export interface Answer {
  readonly image: string;
  /** The true class index, or the true number of a regression. */
  readonly truth: number;
  /** Class probabilities (averaged over crops), or the one number that a regression gives. */
  readonly scores: readonly number[];
  /** With ten crops only: the class that the published single crop (bottom right) has alone. */
  readonly single?: number;
  /** Whose face it is, where known: images of one person are not independent. */
  readonly person?: string;
  readonly fold?: string;
  /** Any other columns that the data brings: gender, age, race. */
  readonly groups: Readonly<Record<string, string>>;
}

/** An evaluation as it is kept in a result folder and read back. */
export interface Result {
  readonly info: ResultInfo;
  readonly answers: readonly Answer[];
}
