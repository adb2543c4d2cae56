import type { Graph } from '../../graph/index.ts';
import type { FillerParameter, LayerParameter } from '../generated/caffe_pb.ts';

/** A blob of a layer: `blob` counts the layer's blobs from 0, in Caffe's order. */
export interface BlobRef {
  readonly layer: string;
  readonly blob: number;
}

/** A tensor that belongs to the network: weights, biases, or statistics that BatchNorm keeps. */
export interface Parameter {
  /** Its value in the graph: `conv1.weight`. */
  readonly name: string;
  readonly shape: readonly number[];
  /** The blobs that it is, more than one where layers share it by the name in their `param`; the first owns it. */
  readonly blobs: readonly BlobRef[];
  /** lr_mult; 0 for what is not trained: no gradient is computed then. */
  readonly rateFactor: number;
  /** decay_mult. */
  readonly decayFactor: number;
  /** What it starts from; undefined where the layer names none: Caffe then fills with zeros (constant 0). */
  readonly filler: FillerParameter | undefined;
}

/** A data layer: where batches come from, and the inputs of the graph that it makes. */
export interface DataTop {
  readonly layer: LayerParameter;
  /** Where errors say that it is: `file:line:column: layer 'data'`. */
  readonly where: string;
  /** The input for the pictures, N×C×H×W. */
  readonly data: string;
  /** The input for the labels, int64 [N]; undefined where the layer has one top only. */
  readonly label: string | undefined;
  readonly batchSize: number;
}

/** An input that drops elements: 0 where dropped, 1/(1 − ratio) where kept. */
export interface Mask {
  /** The input: `mask:drop6`. Its shape in the graph begins with the batch. */
  readonly name: string;
  /** The share that is dropped. */
  readonly ratio: number;
}

/**
 * An input that says by what a loss or an accuracy is divided, float32 []: `normaliser:loss`. It is an input because it
 * counts over the whole batch, which may be computed in several parts.
 */
export interface Normaliser {
  readonly name: string;
  /** The input whose labels are counted; undefined where nothing but the size of the batch matters. */
  readonly label: string | undefined;
  /** Labels that do not count. */
  readonly ignored: number | undefined;
  /** `labels`: labels that count; `batch`: images; `one`: 1. The least is 1. */
  readonly by: 'labels' | 'batch' | 'one';
  /** Labels (or elements) per image, for `labels`. */
  readonly perImage: number;
}

/** What the network puts out, as Caffe lists it: blobs that no layer takes, in alphabetical order. */
export interface NetOutput {
  /**
   * The graph's output, under the blob's name; where the batch is split, parts are added unless the shape begins with
   * the batch.
   */
  readonly name: string;
  /** Caffe's loss weight of it: 0 for what is no loss. */
  readonly lossWeight: number;
}

/** BatchNorm in training: blobs that the forward pass moves. blob ← blob·fraction + value of this output. */
export interface MovingSum {
  /** The parameter. */
  readonly parameter: string;
  /** The graph's output that is added. */
  readonly output: string;
  readonly fraction: number;
}

/** Labels and how many classes there are for them, so that a label out of range is found before the network sees it. */
export interface LabelRange {
  /** The input of labels. */
  readonly label: string;
  readonly classes: number;
  readonly ignored: number | undefined;
  /** The layer that needs it. */
  readonly layer: string;
}

/**
 * A Caffe network for one phase of training, losses and measures included. The batch is the free dimension `N`.
 * Inputs: the data layers' tops, the masks, the normalisers. Outputs: those of `outputs`, `losses` and `moving`.
 * Parameters are constants of the graph by their names, zeros in memory that they all share.
 */
export interface TrainingNet {
  readonly name: string;
  readonly phase: 'train' | 'test';
  readonly graph: Graph;
  readonly data: readonly DataTop[];
  readonly parameters: readonly Parameter[];
  readonly masks: readonly Mask[];
  readonly normalisers: readonly Normaliser[];
  readonly outputs: readonly NetOutput[];
  /**
   * What is minimised is Σ weight · sum of elements: all losses, also those that are no output because a layer takes
   * them, or because they have no name, and weighted blobs inside the network.
   */
  readonly losses: readonly { readonly value: string; readonly weight: number }[];
  readonly moving: readonly MovingSum[];
  readonly ranges: readonly LabelRange[];
  /** Whether a part of a batch cannot be computed without the rest: BatchNorm on batch statistics. */
  readonly wholeBatch: boolean;
}
