export type { RunWatch } from '../common/progress.ts';
export { samplingDefaults } from './defaults.ts';
export { explain } from './explain.ts';
export { type Explainer, type ExplainerOptions, type ExplainerRequest, explainer } from './explainer.ts';
export {
  type Completeness,
  type Description,
  type Explanation,
  sharesScore,
  summary,
} from './explanation.ts';
export { lrpOf, type MethodFields, methodOf, parseBaseline, passesOf } from './fields.ts';
export type {
  AttentionMethod,
  BackwardMethod,
  CamMethod,
  DeepLiftMethod,
  ExplainOptions,
  GradientShapMethod,
  IntegratedGradientsMethod,
  LrpMethod,
  Method,
  SmoothGradMethod,
} from './method.ts';
export { isCam, methodName, methodNames } from './method.ts';
export type { Baseline } from './methods/baseline.ts';
export { lastFeatureMaps } from './methods/featuremaps.ts';
export { explanationGraph, type SinglePassMethod } from './methods/graph.ts';
export type {
  Explained,
  KernelShapMethod,
  OcclusionMethod,
  RiseMethod,
  ScoreCamMethod,
} from './perturbation.ts';
export { methodPurposes } from './purposes.ts';
export { type ResolvedTarget, resolveTargets, targetName } from './resolve.ts';
export { type ClassName, parseTarget, type Target } from './target.ts';
