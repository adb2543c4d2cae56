import type { Image, ScalarMap } from '../../image/index.ts';
import type {
  ClassifiedPhoto,
  DoctorRequest,
  DoctorResult,
  FailedItem,
  ImportOnnxRequest,
} from '../../verbs/index.ts';

/* What the page says and is told of how a network is used: where it comes from, how photos are prepared, whether that is right. */

/** Which source of models files are, and how the one to write is called. */
export type ImportPlan =
  | CaffePlan
  | { readonly source: 'onnx'; readonly model: string; readonly labels?: string; readonly name: string }
  | { readonly source: 'tfjs'; readonly model: string; readonly name: string }
  | { readonly source: 'hf'; readonly folder: string; readonly name: string };

/** Caffe's files of one network, by their paths. */
export interface CaffePlan {
  readonly source: 'caffe';
  readonly prototxt: string;
  readonly caffemodel: string;
  readonly mean?: string;
  readonly labels?: string;
  readonly name: string;
}

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
