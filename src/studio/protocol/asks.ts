import type { ConceptReport } from '../../concepts/index.ts';
import type { Image } from '../../image/index.ts';
import type { ComparisonReport } from '../../report/index.ts';
import type { TrainedBy, TrainedByRequest } from '../../verbs/import/trained.ts';
import type {
  ClassifyRequest,
  ClassifyResult,
  CompareRequest,
  CompileRequest,
  EvaluateRequest,
  ExplainRequest,
  GridRecord,
  ImportResult,
  InspectRequest,
  InspectResult,
  PlotRequest,
} from '../../verbs/index.ts';
import type {
  DepthBar,
  Drawing,
  LayerSheet,
  RandomisedRequest,
  ShownExplanation,
  ShownMean,
  ShownRandomised,
} from './explanations.ts';
import type { CurvesRequest, PaperChart, ShownClusters, ShownCurves, ShownResult } from './folders.ts';
import type {
  DoctorAsk,
  ImportPlan,
  PreparationChange,
  PreparedAsk,
  ShownDiagnosis,
  ShownPreparation,
} from './preparations.ts';
import type { AnswerCurvesAsk, SnapshotAnswers, SnapshotAsk, SnapshotHeatAsk } from './snapshots.ts';

/* Everything that the page asks its worker. */

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
  /** Cuts the faces out of a photo as a network was trained to see them; the files are those of `limn faces`, without the sheet. */
  readonly faces: {
    readonly asked: { readonly photo: string; readonly model: string };
    readonly answer: readonly MadeFile[];
  };
  /** A network and its explanation as one `.onnx`; `fields` say first how photos are prepared otherwise. */
  readonly compile: {
    readonly asked: Omit<CompileRequest, 'output'> & { readonly fields?: PreparationChange };
    readonly answer: readonly MadeFile[];
  };
  /** An evaluation that is there, photo by photo. */
  readonly result: { readonly asked: { readonly folder: string }; readonly answer: ShownResult };
  /** What its measures look like, on paper: a confusion matrix that can be read, and a reliability diagram. */
  readonly resultCharts: {
    readonly asked: { readonly folder: string };
    readonly answer: readonly PaperChart[];
  };
  /** Where relevance went, on paper. */
  readonly depthChart: { readonly asked: readonly DepthBar[]; readonly answer: string };
  /** Evaluations against each other, and their groups, with intervals and tests. */
  readonly compare: { readonly asked: Omit<CompareRequest, 'output'>; readonly answer: ComparisonReport };
  /** What a grid that is there says of itself. */
  readonly grid: { readonly asked: { readonly path: string }; readonly answer: GridRecord };
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
  /** Which of some definitions a training was made by, and which mean it names. */
  readonly trainedBy: { readonly asked: TrainedByRequest; readonly answer: TrainedBy };
  /** What a snapshot of a training answers. */
  readonly snapshot: { readonly asked: SnapshotAsk; readonly answer: SnapshotAnswers };
  /** Why a snapshot answers so. */
  readonly snapshotHeat: { readonly asked: SnapshotHeatAsk; readonly answer: ShownExplanation };
  readonly answerCurves: { readonly asked: AnswerCurvesAsk; readonly answer: string };
  /** The same explanation by a network that has forgotten some of what it learned. */
  readonly randomised: { readonly asked: RandomisedRequest; readonly answer: ShownRandomised };
  /** The mean heatmap of some photos. */
  readonly mean: { readonly asked: ExplainRequest; readonly answer: ShownMean };
}

export type AskName = keyof Asks;

/** A file that a person can save. */
export interface MadeFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A file's path, and what it holds or where it lies. */
export interface GivenFile {
  readonly path: string;
  readonly source: Blob | { readonly address: string; readonly bytes?: number };
}
