export { concepts } from './concepts.ts';
export { type ConceptsRequest, conceptsRequest } from './request.ts';
export type { ConceptsEvent, ConceptsResult } from './result.ts';
