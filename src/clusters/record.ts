import type { AnalysedData, AnalysedModel } from '../common/analysed.ts';
import { parseVersioned } from '../common/versioned.ts';
import type { Eigengap } from './embedding.ts';
import type { Concentration } from './region.ts';

/** The file that tells of clusters. */
export const CLUSTERS_FILE = 'clusters.json';

/** A share of photos with its 95 % interval (Wilson). */
export interface ClusterShare {
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly n: number;
}

/** A mean probability with its 95 % interval (bootstrap over photos). */
export interface MeanConfidence {
  readonly mean: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
  readonly n: number;
}

/** Photos of one class that were compared with each other. */
export interface ClusteredClass {
  readonly class: string;
  readonly photos: number;
  /** Nearest others that each was joined with. */
  readonly neighbours: number;
  /** Parts of the graph that nothing joins. */
  readonly parts: number;
  /** The smallest of the normalised Laplacian. */
  readonly eigenvalues: readonly number[];
  readonly gap: Eigengap;
  /** Photos that are in no cluster. */
  readonly unclustered: number;
}

/** Photos of one class whose heatmaps are alike. */
export interface Cluster {
  /** From 1 on, over all classes. */
  readonly number: number;
  readonly class: string;
  readonly photos: number;
  /** Of the class. */
  readonly share: number;
  /** How unlike the rest of its class it is, from 0 to 1: see `separability`. */
  readonly separability?: number | undefined;
  readonly accuracy?: ClusterShare | undefined;
  readonly confidence?: MeanConfidence | undefined;
  /** Where its mean relevance lies, where rows are maps. */
  readonly concentration?: Concentration | undefined;
  /** Its mean row, as rows are compared. */
  readonly mean: readonly number[];
  /** Photos, those nearest to the cluster's middle first; and those farthest from it. */
  readonly nearest: readonly string[];
  readonly farthest: readonly string[];
}

/** How often a group is in a cluster, and in the rest of the class. */
export interface GroupExcess {
  readonly cluster: number;
  readonly column: string;
  readonly value: string;
  /** Photos of the group, of all in the cluster whose group is known; and outside of it. */
  readonly inside: number;
  readonly insideOf: number;
  readonly outside: number;
  readonly outsideOf: number;
  /** Fisher's exact test, two-sided. */
  readonly p: number;
  /** Holm's, for all such tests of the report. */
  readonly adjusted: number;
  /** How many these are. */
  readonly family: number;
}

/** How far the clusters of a class are the groups of a column: the adjusted Rand index. */
export interface GroupAgreement {
  readonly class: string;
  readonly column: string;
  readonly adjustedRand: number;
}

/** A photo's place in the result. */
export interface ClusteredPhoto {
  readonly photo: string;
  readonly class: string;
  /** The number of its cluster; absent for a photo in none. */
  readonly cluster?: number | undefined;
}

/** A finished clustering: what `clusters.json` holds. */
export interface ClusterReport {
  readonly format: 'limn clusters 1';
  /** Whose heatmaps they are, where limn made them. */
  readonly model?: AnalysedModel | undefined;
  readonly data: AnalysedData;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  /** How the relevance was made, in one line. */
  readonly explanation?: string | undefined;
  /** The shape of a row: `[cells down, across]`, `[channels]` or `[channels, cells down, across]`. */
  readonly shape: readonly number[];
  readonly versions: Readonly<Record<string, string>>;
  readonly classes: readonly ClusteredClass[];
  /** Classes of too few photos, which are not parted. */
  readonly small: readonly { readonly class: string; readonly photos: number }[];
  /** Classes whose heatmaps are all the same, which are not parted, if there are any. */
  readonly same?: readonly { readonly class: string; readonly photos: number }[] | undefined;
  readonly clusters: readonly Cluster[];
  readonly groups: readonly GroupExcess[];
  readonly agreements: readonly GroupAgreement[];
  readonly photos: readonly ClusteredPhoto[];
  /** What the numbers show, in sentences. */
  readonly findings: readonly string[];
  /** What they do not show. */
  readonly limits: readonly string[];
}

/** Reads what `clusters.json` holds. Errors: it is none, or of another version. */
export const parseClusters = (text: string, path: string): ClusterReport =>
  parseVersioned(text, path, {
    format: 'limn clusters 1',
    what: 'a report on clusters',
    fix: 'give a clusters.json that limn wrote',
  }) as ClusterReport;
