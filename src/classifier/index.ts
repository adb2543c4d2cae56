export { type BatchOptions, inBatches, type RunBatch, runBatches } from './batches.ts';
export {
  assumedPreprocessing,
  type Classifier,
  type ClassifierOptions,
  checkChoice,
  classifierOf,
  isProbability,
  knownOf,
  prepare,
  prepareShown,
  preprocessingOf,
} from './classifier.ts';
export { checkShape, imageInput } from './input.ts';
export { findLabel } from './labels.ts';
export {
  asProbabilities,
  type Classification,
  checkFinite,
  type OpenClassifier,
  type OpenClassifierOptions,
  openClassifier,
  openRunner,
  type Runner,
  type RunnerOptions,
} from './open.ts';
export { argmax, classLabel, meanRow, type RankedClass, ranked } from './rank.ts';
export { joined, rowSize, rows, withRows } from './rows.ts';
