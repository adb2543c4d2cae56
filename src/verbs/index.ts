export * from './classify/index.ts';
export * from './explain/index.ts';
export type { Compute, ComputeOptions, Files, Hash, Host, Images } from './host.ts';
export { checkRequest } from './request.ts';
export type { FailedItem, NoteEvent, ProgressEvent, Verb, Watch } from './verb.ts';
