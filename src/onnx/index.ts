export type { LoadedModel } from './loaded.ts';
export { readMetadata, writeMetadata } from './metadata.ts';
export { type ModelFiles, type WrittenModel, writeModelFiles } from './modelfiles.ts';
export { type ReadOptions, readOnnx } from './read.ts';
export type { ExternalData, ExternalFile } from './weights.ts';
export {
  type RuntimeModel,
  toRuntime,
  toRuntimeByPlace,
  type WriteOptions,
  type Written,
  writeOnnx,
} from './write.ts';
