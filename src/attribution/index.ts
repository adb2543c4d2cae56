export type { RunWatch } from '../common/progress.ts';
export { explain } from './explain.ts';
export { type Explainer, type ExplainerOptions, type ExplainerRequest, explainer } from './explainer.ts';
export { type Completeness, type Description, type Explanation, summary } from './explanation.ts';
export { lrpOf, type MethodFields, methodOf, parseBaseline, passesOf } from './fields.ts';
export type {
  AttentionMethod,
  BackwardMethod,
  Baseline,
  ExplainOptions,
  GradCamMethod,
  IntegratedGradientsMethod,
  LrpMethod,
  Method,
  OcclusionMethod,
  SmoothGradMethod,
} from './method.ts';
export { methodName, methodNames } from './method.ts';
export { lastFeatureMaps } from './methods/gradcam.ts';
export { explanationGraph, type SinglePassMethod } from './methods/graph.ts';
export { type ResolvedTarget, resolveTargets, targetName } from './resolve.ts';
export { type ClassName, parseTarget, type Target } from './target.ts';
