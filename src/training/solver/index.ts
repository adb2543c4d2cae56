export { clipFactor, sumOfSquares } from './clip.ts';
export type { NetSource, SolverNet, TestNet } from './nets.ts';
export { rateAt, stepAt } from './rate.ts';
export {
  type RatePolicy,
  type RuleSettings,
  type SolverSettings,
  type SolverType,
  solverSettings,
  solverTypes,
} from './settings.ts';
export { type UpdateRule, type UpdateState, type UpdateStep, updateRule, updateStep } from './update.ts';
