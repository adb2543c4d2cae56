import type { Description } from '../attribution/index.ts';
import type { ClusterReport, ClusterView } from '../clusters/index.ts';
import type { ConceptReport } from '../concepts/index.ts';
import type { Measures, ResultInfo } from '../evaluation/index.ts';
import type { AffineMap, Image, ScalarMap } from '../image/index.ts';
import type { ComparisonReport } from '../report/index.ts';
import type { PageTable } from '../report/page-blocks.ts';
import type {
  ClassifiedPhoto,
  ClassifyRequest,
  ClassifyResult,
  CompareRequest,
  CompileRequest,
  DoctorRequest,
  DoctorResult,
  EvaluateRequest,
  ExplainRequest,
  ExplanationReading,
  FailedItem,
  ImportOnnxRequest,
  ImportResult,
  InspectRequest,
  InspectResult,
  PlotRequest,
} from '../verbs/index.ts';

/* What the page and its worker say to each other: plain data. */

/** An explained photo as the page draws it. */
export interface ShownExplanation {
  readonly item: string;
  readonly reading: ExplanationReading;
  /** Relevance with its channels reduced to one map. */
  readonly map: ScalarMap;
  /** What the network sees of the photo. */
  readonly view: Image;
  /** Where the photo's pixels lie in the network's input, and how large the photo is. */
  readonly toInput: AffineMap;
  readonly photo: { readonly width: number; readonly height: number };
  readonly description: Description;
  /** How the rules were applied, in one line. */
  readonly summary: string;
  /** What a reader of the numbers has to know, in sentences. */
  readonly remarks: readonly string[];
  readonly milliseconds: number;
}

/** A file that a person can save. */
export interface MadeFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a figure is drawn with besides the explanation. */
export interface Drawing {
  readonly colors: string;
  /** The value at the ends of the colours. */
  readonly limit: number;
  readonly percentile: number;
}

/** Everything that the worker does, by name: what it is asked, and what it answers. */
export interface Asks {
  /** Files that a person gave, or that lie at an address, become readable by their paths. */
  readonly add: { readonly asked: readonly GivenFile[]; readonly answer: undefined };
  readonly remove: { readonly asked: readonly string[]; readonly answer: undefined };
  readonly inspect: { readonly asked: InspectRequest; readonly answer: InspectResult };
  readonly classify: { readonly asked: ClassifyRequest; readonly answer: ClassifyResult };
  readonly explain: { readonly asked: ExplainRequest; readonly answer: ShownExplanation };
  /** The explanation as files: heatmap, raw relevance, `explain.json`. */
  readonly save: { readonly asked: ExplainRequest; readonly answer: readonly MadeFile[] };
  /** The figure that `limn explain` draws, as SVG. */
  readonly figure: {
    readonly asked: { readonly request: ExplainRequest; readonly drawing: Drawing };
    readonly answer: string;
  };
  /** Makes a self-describing model of what was given. */
  readonly import: {
    readonly asked: ImportPlan & { readonly fields?: PreparationChange };
    readonly answer: { readonly result: ImportResult; readonly files: readonly MadeFile[] };
  };
  /** What a network gets of a photo that is prepared in another way than it says, and what it answers. */
  readonly prepared: { readonly asked: PreparedAsk; readonly answer: ShownPreparation };
  /** What labelled photos say against the way in which photos are prepared. */
  readonly doctor: { readonly asked: DoctorAsk; readonly answer: ShownDiagnosis };
  /** What a layer of the network holds of a photo, by channels: activations, and relevance where the method gives it. */
  readonly layer: {
    readonly asked: { readonly request: ExplainRequest; readonly layer: string };
    readonly answer: LayerSheet;
  };
  readonly compile: { readonly asked: Omit<CompileRequest, 'output'>; readonly answer: readonly MadeFile[] };
  /** An evaluation that is there, photo by photo. */
  readonly result: { readonly asked: { readonly folder: string }; readonly answer: ShownResult };
  /** Evaluations against each other, and their groups, with intervals and tests. */
  readonly compare: { readonly asked: Omit<CompareRequest, 'output'>; readonly answer: ComparisonReport };
  /** A comparison that is there. */
  readonly comparison: { readonly asked: { readonly path: string }; readonly answer: ComparisonReport };
  /** Measures a model on labelled photos; the files are those of a result folder. */
  readonly evaluate: {
    readonly asked: Omit<EvaluateRequest, 'output'>;
    readonly answer: readonly MadeFile[];
  };
  /** Clusters of heatmaps that are there, and where each photo lies. */
  readonly clusters: { readonly asked: { readonly folder: string }; readonly answer: ShownClusters };
  /** What is known of a network's channels. */
  readonly concepts: { readonly asked: { readonly folder: string }; readonly answer: ConceptReport };
  /** What a network sees of a photo. */
  readonly seen: {
    readonly asked: { readonly model: string; readonly photo: string };
    readonly answer: Image;
  };
  /** Trainings, as a chart and in numbers. */
  readonly curves: { readonly asked: CurvesRequest; readonly answer: ShownCurves };
  /** The same as a file: an SVG on white paper. */
  readonly plot: { readonly asked: Omit<PlotRequest, 'output'>; readonly answer: readonly MadeFile[] };
  /** The same explanation by a network that has forgotten some of what it learned. */
  readonly randomised: { readonly asked: RandomisedRequest; readonly answer: ShownRandomised };
  /** The mean heatmap of some photos. */
  readonly mean: { readonly asked: ExplainRequest; readonly answer: ShownMean };
}

/** An evaluation as the page shows it. */
export interface ShownResult {
  readonly info: ResultInfo;
  readonly measures: Measures;
  readonly answers: AnswerTable;
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

/** An explanation, and how much of the network it is held against is drawn anew: see `randomised` of limn/faithfulness. */
export interface RandomisedRequest {
  readonly request: ExplainRequest;
  /** Of the layers with weights, from the scores down: 0 is none, 1 all. */
  readonly share: number;
  readonly seed: number;
}

/** A map by a network whose weights are in part drawn anew, against that by the network as it was trained. */
export interface ShownRandomised {
  readonly shown: ShownExplanation;
  /** How many layers are drawn anew, and of how many. */
  readonly layers: number;
  readonly of: number;
  /** Spearman's rank correlation of the two maps; NaN where one of them is the same everywhere. */
  readonly rank: number;
}

/** A mean heatmap, and of how many. */
export interface ShownMean {
  readonly map: ScalarMap;
  readonly photos: number;
}

/** Which source of models files are, and how the one to write is called. */
export type ImportPlan =
  | {
      readonly source: 'caffe';
      readonly prototxt: string;
      readonly caffemodel: string;
      readonly mean?: string;
      readonly labels?: string;
      readonly name: string;
    }
  | { readonly source: 'onnx'; readonly model: string; readonly labels?: string; readonly name: string }
  | { readonly source: 'tfjs'; readonly model: string; readonly name: string }
  | { readonly source: 'hf'; readonly folder: string; readonly name: string };

/** Fields of an import that say how photos are prepared. */
export interface PreparationChange
  extends Omit<ImportOnnxRequest, 'model' | 'output' | 'preset' | 'inputShape' | 'labels'> {
  readonly labels?: readonly string[];
}

/** A photo, and the fields in which its preparation differs from what the model says. */
export interface PreparedAsk {
  readonly model: string;
  readonly photo: string;
  readonly fields: PreparationChange;
}

/** A photo as it is prepared for a network. */
export interface ShownPreparation {
  /** In colour, as large as the network's input. */
  readonly view: Image;
  readonly channels: readonly InputChannel[];
  readonly answer: ClassifiedPhoto | FailedItem;
  readonly notes: readonly string[];
}

/** One channel of a network's input: numbers, as the network gets them. */
export interface InputChannel {
  readonly name: 'red' | 'green' | 'blue' | 'grey';
  readonly least: number;
  readonly most: number;
  readonly mean: number;
  readonly map: ScalarMap;
}

/** A request for the verb `doctor`, of a model whose photos are prepared as these fields say. */
export interface DoctorAsk extends Omit<DoctorRequest, 'output'> {
  readonly fields: PreparationChange;
}

/** What the doctor found, and how many other ways to use the model it tried. */
export interface ShownDiagnosis extends Omit<DoctorResult, 'tried' | 'pixels'> {
  readonly tried: number;
}

/** Channels of a layer that hold most, the strongest first. */
export interface LayerSheet {
  readonly activations: ChannelSheet;
  /** Undefined for methods that are defined at the input only. */
  readonly relevance: ChannelSheet | undefined;
}

export interface ChannelSheet {
  /** Of one image: C, C×H×W, or tokens × units. */
  readonly shape: readonly number[];
  readonly sum: number;
  readonly channels: readonly {
    readonly channel: number;
    readonly sum: number;
    readonly absolute: number;
    readonly map: ScalarMap;
  }[];
}

export type AskName = keyof Asks;

/** A file's path, and what it holds or where it lies. */
export interface GivenFile {
  readonly path: string;
  readonly source: Blob | { readonly address: string; readonly bytes?: number };
}

/** How far something is, in words and, where it is countable, in numbers. */
export interface WorkProgress {
  readonly text: string;
  readonly done?: number;
  readonly total?: number;
}

export interface WorkFailure {
  readonly message: string;
  /** Whether a person can do something about it; else it is a bug. */
  readonly expected: boolean;
  /** The field of the request that is wrong, if one is. */
  readonly field?: string | undefined;
}

/** From the page to the worker. */
export type ToWorker =
  | { readonly kind: 'ask'; readonly id: number; readonly name: AskName; readonly asked: unknown }
  | { readonly kind: 'cancel'; readonly id: number };

/** From the worker to the page. */
export type FromWorker =
  | { readonly kind: 'progress'; readonly id: number; readonly progress: WorkProgress }
  | { readonly kind: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly kind: 'failure'; readonly id: number; readonly failure: WorkFailure };
