/** What an update reads and writes, all of one length: float32, row by row. */
export interface UpdateState {
  /** Moved in place. */
  readonly weights: Float32Array;
  /** Of the loss, summed over the batches of one update; L1 regularisation overwrites it. */
  readonly gradient: Float32Array;
  /** As many as the rule has, zeros before the first iteration; moved in place. */
  readonly histories: readonly Float32Array[];
}

/** The numbers of one update of one parameter. */
export interface UpdateStep {
  /** Learning rate × lr_mult. */
  readonly rate: number;
  /** weight_decay × decay_mult. */
  readonly decay: number;
  readonly regularisation: 'L1' | 'L2';
  /** What the gradient is multiplied by before the weights' decay is added. */
  readonly scale: number;
  /** From 0. */
  readonly iteration: number;
}

/** How a solver changes weights by their gradient, as one of Caffe's solvers does. */
export interface UpdateRule {
  /** How many arrays it keeps for each parameter. */
  readonly histories: number;
  /**
   * Moves the weights [from, to), so that threads can each do a part: the result does not depend on how they divide.
   * Returns whether all of the new weights are finite.
   */
  update(state: UpdateState, from: number, to: number, step: UpdateStep): boolean;
}

/**
 * Where rounding to float32 gives infinity: a number is finite as float32 if its magnitude is below. NaN is not below
 * anything, so that one comparison finds both, at no cost beside the memory that is moved.
 */
export const overflow = 2 ** 128 - 2 ** 103;
