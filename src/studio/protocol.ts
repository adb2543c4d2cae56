import type { Description } from '../attribution/index.ts';
import type { AffineMap, Image, ScalarMap } from '../image/index.ts';
import type {
  ClassifyRequest,
  ClassifyResult,
  CompileRequest,
  ExplainRequest,
  ExplanationReading,
  ImportOnnxRequest,
  ImportResult,
  InspectRequest,
  InspectResult,
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
    readonly asked: ImportPlan & { readonly fields?: Preparation };
    readonly answer: { readonly result: ImportResult; readonly files: readonly MadeFile[] };
  };
  /** What a layer of the network holds of a photo, by channels: activations, and relevance where the method gives it. */
  readonly layer: {
    readonly asked: { readonly request: ExplainRequest; readonly layer: string };
    readonly answer: LayerSheet;
  };
  readonly compile: { readonly asked: Omit<CompileRequest, 'output'>; readonly answer: readonly MadeFile[] };
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
export type Preparation = Omit<ImportOnnxRequest, 'model' | 'output' | 'preset' | 'inputShape'>;

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
