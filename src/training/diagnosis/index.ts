export { diagnose, type FailedIteration } from './diagnose.ts';
export { checkLabels } from './labels.ts';
export { nonFiniteError } from './message.ts';
export { firstNonFinite, type NonFinite, type StepInputs } from './nonfinite.ts';
