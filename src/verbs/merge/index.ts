export { type MergeEvent, type MergeResult, merge } from './merge.ts';
export { type MergeRequest, mergeRequest } from './request.ts';
