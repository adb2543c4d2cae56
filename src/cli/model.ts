import { createHash } from 'node:crypto';
import type { Write } from '../common/atomic.node.ts';
import { version } from '../common/version.ts';
import type { Model } from '../graph/index.ts';
import type { LoadedModel } from '../onnx/file.node.ts';
import type { ReadOptions } from '../onnx/index.ts';

export type { LoadedModel } from '../onnx/file.node.ts';

/* Reading and writing models is imported when it is first done: help and wrong calls need none of it. */

/** Reads an `.onnx` model, with the files beside it that hold its weights. */
export async function loadModel(path: string, options?: ReadOptions): Promise<LoadedModel> {
  return (await import('../onnx/file.node.ts')).loadModel(path, options);
}

/** Writes a model as `.onnx`, its folder made if need be, and returns the paths written. */
export async function saveModel(path: string, model: Model, write: Write): Promise<string[]> {
  return (await import('../onnx/file.node.ts')).saveModel(path, model, write);
}

/** SHA-256 of a file's bytes, in hexadecimal digits. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** What every imported model's provenance ends with. */
export const converter = (): { readonly converter: string } => ({ converter: `limn ${version}` });
