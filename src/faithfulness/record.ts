import type { Description } from '../attribution/index.ts';
import type { AnalysedData, AnalysedModel } from '../common/analysed.ts';
import { parseVersioned } from '../common/versioned.ts';
import type { FaithfulnessMeasure } from './measures.ts';
import type { MethodComparison, MethodEstimate } from './ranking.ts';
import type { RemovalOrder } from './regions.ts';

/** The file of a report, in its folder. */
export const FAITHFULNESS_FILE = 'faithfulness.json';

/** A method whose maps were analysed, or a map that knows nothing of the network. */
export interface AnalysedMethod {
  readonly name: string;
  readonly kind: 'method' | 'baseline';
  /** How its maps were made; of a baseline its name says it. */
  readonly description?: Description | undefined;
}

/** The mean of a method's curves over all photos, step by step, with 95 % intervals by bootstrap. */
export interface MeanCurve {
  readonly metric: string;
  readonly order: RemovalOrder;
  readonly method: string;
  /** The share of the regions that is gone. */
  readonly shares: readonly number[];
  readonly mean: readonly number[];
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** How like a method's maps stayed when layers were drawn anew, means over photos. */
export interface RandomisedLayer {
  readonly method: string;
  readonly kind: 'cascading' | 'independent';
  readonly layer: string;
  /** The share of the layers with weights that were drawn anew. */
  readonly share: number;
  readonly photos: number;
  /** Spearman's rank correlation with the map of the trained network. */
  readonly rankCorrelation: number;
  /** The structural similarity of the two. */
  readonly similarity: number;
}

/** What is known of how true explanations are; what `faithfulness.json` holds. */
export interface FaithfulnessReport {
  readonly format: 'limn faithfulness 1';
  readonly model: AnalysedModel;
  readonly data: AnalysedData;
  readonly settings: Readonly<Record<string, string | number>>;
  readonly versions: Readonly<Record<string, string>>;
  readonly methods: readonly AnalysedMethod[];
  readonly measures: readonly FaithfulnessMeasure[];
  readonly estimates: readonly MethodEstimate[];
  readonly comparisons: readonly MethodComparison[];
  readonly curves: readonly MeanCurve[];
  readonly randomisation: readonly RandomisedLayer[];
  /** What the numbers show, in sentences. */
  readonly findings: readonly string[];
  /** What they do not show. */
  readonly limits: readonly string[];
}

/** Reads what `faithfulness.json` holds. Errors: it is none, or of another version. */
export const parseFaithfulness = (text: string, path: string): FaithfulnessReport =>
  parseVersioned(text, path, {
    format: 'limn faithfulness 1',
    what: 'a report on faithfulness',
    fix: 'give a faithfulness.json that limn wrote',
  }) as FaithfulnessReport;
