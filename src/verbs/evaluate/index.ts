export { evaluate } from './evaluate.ts';
export { type EvaluateRequest, evaluateRequest } from './request.ts';
export type {
  EvaluatedFolds,
  EvaluatedModel,
  EvaluatedShard,
  EvaluateEvent,
  EvaluateResult,
} from './result.ts';
