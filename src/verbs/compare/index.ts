export { compare } from './compare.ts';
export { type CompareRequest, compareRequest } from './request.ts';
