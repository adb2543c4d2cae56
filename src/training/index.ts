/** Trainings as functions of graphs and numbers, whatever the host; what runs them is in `limn/node`. */
export type { Batch, Batches } from './batch.ts';
export { fill, streamOf } from './fillers/index.ts';
export {
  type Copied,
  describeInitial,
  type InitialWeights,
  initialWeights,
  type TrainedWeights,
} from './initial.ts';
export { type Note, noteText } from './notes.ts';
export { type ClockEvent, type Output, parseEvents, type RunEvent } from './run/events.ts';
export { type Smoothing, smooth, startSmoothing } from './run/smoothing.ts';
export { publishedIterations, type Schedule, scheduled } from './schedule.ts';
export {
  rateAt,
  type SolverSettings,
  solverSettings,
  stepAt,
  type UpdateRule,
  type UpdateState,
  type UpdateStep,
  updateRule,
  updateStep,
} from './solver/index.ts';
export { type StepOptions, testStep, trainStep } from './step.ts';
