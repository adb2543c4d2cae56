export { evaluate } from './evaluate.ts';
export { type EvaluateRequest, evaluateRequest } from './request.ts';
export type { EvaluatedFolds, EvaluatedModel, EvaluateEvent, EvaluateResult } from './result.ts';
