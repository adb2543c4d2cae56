export { faithfulness, faithfulnessShard } from './faithfulness.ts';
export {
  type FaithfulnessRequest,
  type FaithfulnessShardRequest,
  faithfulnessRequest,
  faithfulnessShardRequest,
} from './request.ts';
export type { FaithfulnessEvent, FaithfulnessResult, FaithfulnessShard } from './result.ts';
