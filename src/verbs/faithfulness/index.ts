export { faithfulness } from './faithfulness.ts';
export { type FaithfulnessRequest, faithfulnessRequest } from './request.ts';
export type { FaithfulnessEvent, FaithfulnessResult } from './result.ts';
