export { classify } from './classify.ts';
export { type ClassifyRequest, classifyRequest } from './request.ts';
export type { ClassifiedPhoto, ClassifyEvent, ClassifyResult, HeadAnswer } from './result.ts';
