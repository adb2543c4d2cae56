export { checkLabels } from './labels.ts';
export { nonFiniteError } from './message.ts';
export { firstNonFinite, type NonFinite, type Step } from './nonfinite.ts';
