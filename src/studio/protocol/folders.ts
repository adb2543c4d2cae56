import type { ClusterReport, ClusterView } from '../../clusters/index.ts';
import type { Measures, ResultInfo } from '../../evaluation/index.ts';
import type { PageTable } from '../../report/page-blocks.ts';
import type { PlotRequest } from '../../verbs/index.ts';

/* What the page is told of folders that other commands wrote: results, clusters of heatmaps, trainings. */

/** An evaluation as the page shows it. */
export interface ShownResult {
  readonly info: ResultInfo;
  readonly measures: Measures;
  readonly answers: AnswerTable;
}

/** A chart as an SVG document on white paper. */
export interface PaperChart {
  readonly svg: string;
  readonly alt: string;
}

/** The answers of an evaluation by columns, an entry for each photo. */
export interface AnswerTable {
  readonly images: readonly string[];
  /** The true class' index, or the true number. */
  readonly truth: Float64Array;
  /** The class with the largest score, or the number that was said. */
  readonly predicted: Float64Array;
  /** The score of the predicted class; of numbers, how far they are from the truth. */
  readonly confidence: Float64Array;
  readonly groups: readonly GroupColumn[];
}

/** A column of groups: each photo's place among its values, −1 where it has none. */
export interface GroupColumn {
  readonly name: string;
  readonly values: readonly string[];
  readonly of: Int32Array;
}

/** Clusters of heatmaps as the page shows them. */
export interface ShownClusters {
  readonly report: Omit<ClusterReport, 'photos'>;
  readonly photos: readonly string[];
  /** Where each photo lies; NaN for those that do not. Each class has coordinates of its own. */
  readonly views: readonly {
    readonly name: 'spectral' | ClusterView;
    readonly x: Float64Array;
    readonly y: Float64Array;
  }[];
  /** What photos can be told apart by: class and cluster, answers and groups. */
  readonly columns: readonly GroupColumn[];
}

/** What is drawn of trainings: a request for `limn plot`, and how wide. */
export interface CurvesRequest extends Omit<PlotRequest, 'output' | 'title'> {
  /** Of a panel, in pixels. */
  readonly width: number;
}

export interface ShownCurves {
  /** A chart whose colours are the page's; its marks say their values in `title` elements. */
  readonly svg: string;
  /** All that could be drawn. */
  readonly metrics: readonly string[];
  /** Rows of the logs whose running mean is drawn. */
  readonly smooth: number;
  readonly timed: boolean;
  /** How each training ended, and the best of its tests. */
  readonly table: PageTable;
}
