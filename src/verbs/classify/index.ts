export { classify } from './classify.ts';
export {
  type ClassifyRequest,
  type ClassifyShardRequest,
  classifyRequest,
  classifyShardRequest,
} from './request.ts';
export {
  type ClassifiedPhoto,
  type ClassifyEvent,
  type ClassifyResult,
  classifyDocument,
  type HeadAnswer,
} from './result.ts';
export { type ClassifyShard, classifyShard } from './shard.ts';
