export { softmaxOutputs, watchCeiling } from './ceiling.ts';
export { diagnoseIteration, type FailedIteration } from './diagnose.ts';
export { checkKnownLabels, checkLabels, unusedClasses } from './labels.ts';
export { nonFiniteError } from './message.ts';
export { firstNonFinite, type NonFinite, type StepInputs } from './nonfinite.ts';
