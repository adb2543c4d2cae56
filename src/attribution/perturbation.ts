import type { Baseline } from './methods/baseline.ts';

/** Whose value a method of changed copies compares: the class's score, or its probability. */
export type Explained = 'score' | 'probability';

/**
 * Occlusion (Zeiler and Fergus 2014): how far the score drops when a window of the input is covered; every pixel gets
 * the mean over the windows that cover it.
 */
export interface OcclusionMethod {
  readonly method: 'occlusion';
  /** Height and width of the window; a seventh of the input's shorter side unless given. */
  readonly window?: number | readonly [number, number] | undefined;
  /** Steps between windows, down and across; half the window unless given. A last window touches the border. */
  readonly stride?: number | readonly [number, number] | undefined;
  /** What covers; `zero` unless given. */
  readonly fill?: Baseline | undefined;
  /** Whose drop: the score's (the default) or the probability's. */
  readonly of?: Explained | undefined;
}

/**
 * RISE (Petsiuk et al. 2018): the mean of random soft masks, each weighed by what the network says of the input seen
 * through it, less what it says on average: the paper's map without the constant that it is everywhere.
 */
export interface RiseMethod {
  readonly method: 'rise';
  /** Masks; `samplingDefaults.rise.samples` unless given (the paper: 4000 for VGG16, 8000 for ResNet50). */
  readonly samples?: number | undefined;
  /** A mask is enlarged from so many cells a side; `samplingDefaults.rise.cells` unless given, as in the paper. */
  readonly cells?: number | undefined;
  /** The probability that a cell is kept; `samplingDefaults.rise.keep` unless given, as in the paper. */
  readonly keep?: number | undefined;
  /** What a mask puts in place of what it hides; `zero` unless given. */
  readonly fill?: Baseline | undefined;
  /** What weighs a mask: the probability (the default, as in the paper) or the score. */
  readonly of?: Explained | undefined;
  /** The same seed gives the same masks, for every image of a batch; 0 unless given. */
  readonly seed?: number | undefined;
}

/**
 * Score-CAM (Wang et al. 2020, "Score-CAM: score-weighted visual explanations for convolutional neural networks"):
 * the positive part of a layer's feature maps, weighed by how much the score rises when the input is seen through each.
 */
export interface ScoreCamMethod {
  readonly method: 'score-cam';
  /** The layer whose feature maps are used; the last before pooling and flattening unless given. */
  readonly layer?: string | undefined;
  /** What the input is seen through a map against, and what the map hides; `zero` unless given, as in the paper. */
  readonly fill?: Baseline | undefined;
  /** Whose rise: the score's (the default, as in the paper) or the probability's. */
  readonly of?: Explained | undefined;
}

/**
 * Kernel SHAP (Lundberg and Lee 2017) over the squares of a grid: their Shapley values in the game whose players show
 * their square or hide it, estimated by weighted least squares. What they add up to is exact. Every pixel of a square
 * gets an equal part.
 */
export interface KernelShapMethod {
  readonly method: 'kernel-shap';
  /**
   * Coalitions of squares that are tried; `samplingDefaults['kernel-shap'].samples` and two for each square unless given.
   * All are where that many suffice.
   */
  readonly samples?: number | undefined;
  /**
   * Height and width of a square, about: as many squares as fit best cover the input, and differ by a pixel at most. The input's
   * shorter side by `samplingDefaults['kernel-shap'].across` unless given.
   */
  readonly window?: number | readonly [number, number] | undefined;
  /** What a hidden square shows; `zero` unless given. */
  readonly fill?: Baseline | undefined;
  /** The value that is shared: the score (the default) or the probability. */
  readonly of?: Explained | undefined;
  /** The same seed gives the same coalitions, for every image of a batch; 0 unless given. */
  readonly seed?: number | undefined;
}
