export type { Hash } from '../common/files.ts';
export * from './average/index.ts';
export * from './classify/index.ts';
export * from './clusters/index.ts';
export * from './compare/index.ts';
export * from './compile/index.ts';
export * from './concepts/index.ts';
export * from './data/index.ts';
export * from './demo/index.ts';
export * from './doctor/index.ts';
export * from './draw/index.ts';
export * from './evaluate/index.ts';
export * from './explain/index.ts';
export * from './faces/index.ts';
export * from './faithfulness/index.ts';
export * from './grid/index.ts';
export type { Compute, ComputeOptions, Files, Host, Images } from './host.ts';
export * from './import/index.ts';
export * from './init/index.ts';
export * from './inspect/index.ts';
export * from './merge/index.ts';
export * from './page/index.ts';
export * from './plot/index.ts';
export * from './regions/index.ts';
export * from './report/index.ts';
export { checkRequest } from './request.ts';
export * from './run/index.ts';
export { type TestRequest, testRequest } from './test/request.ts';
export { type TrainRequest, trainRequest } from './train/request.ts';
export {
  type FailedEvent,
  type FailedItem,
  failItem,
  type NoteEvent,
  type ProgressEvent,
  type Verb,
  type Watch,
} from './verb.ts';
