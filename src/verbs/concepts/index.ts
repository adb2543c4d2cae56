export { concepts, conceptsShard } from './concepts.ts';
export {
  type ConceptsRequest,
  type ConceptsShardRequest,
  conceptsRequest,
  conceptsShardRequest,
} from './request.ts';
export type { ConceptsEvent, ConceptsResult, ConceptsShard } from './result.ts';
