export type { Hash } from '../common/files.ts';
export * from './classify/index.ts';
export * from './compare/index.ts';
export * from './evaluate/index.ts';
export * from './explain/index.ts';
export type { Compute, ComputeOptions, Files, Host, Images } from './host.ts';
export * from './report/index.ts';
export { checkRequest } from './request.ts';
export type { FailedItem, NoteEvent, ProgressEvent, Verb, Watch } from './verb.ts';
