import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { failPath } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { readBytes } from '../common/file.node.ts';
import type { Model } from '../graph/index.ts';
import { version } from './command.ts';
import { makeFolder } from './output.ts';

/** A model and the file that it was read from. */
export interface LoadedModel {
  readonly model: Model;
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Reads an `.onnx` model, with the files beside it that hold its weights. */
export async function loadModel(path: string): Promise<LoadedModel> {
  refuseCaffe(path);
  const bytes = await readBytes(path);
  const { readOnnx } = await import('../graph/onnx/index.ts');
  const model = readOnnx(bytes, path, (location) => {
    const beside = join(dirname(path), location);
    try {
      return readFileSync(beside);
    } catch (error) {
      return failPath(beside, error);
    }
  });
  return { model, path, bytes };
}

/** Whether a path names a network definition of Caffe. */
export const isPrototxt = (path: string): boolean => /\.(prototxt|pbtxt)$/i.test(path);

function refuseCaffe(path: string): void {
  if (!isPrototxt(path) && !/\.caffemodel(\.h5)?$/i.test(path)) return;
  fail(
    path,
    'a file of Caffe, not an .onnx model',
    'make one: limn import caffe DEPLOY.prototxt WEIGHTS.caffemodel -o MODEL.onnx',
  );
}

/** SHA-256 of a file's bytes, in hexadecimal digits. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A file as a model's provenance names it: without its folder, which means nothing elsewhere. */
export const sourceOf = (path: string, bytes: Uint8Array): string =>
  `${basename(path)}, sha256 ${sha256(bytes)}`;

/** What every imported model's provenance ends with. */
export const converter = (): Record<string, string> => ({ converter: `limn ${version()}` });

/**
 * Writes a model as `.onnx`, its folder made if need be; where the weights do not fit into one file, they go beside
 * it. Returns the paths written.
 */
export async function saveModel(path: string, model: Model): Promise<string[]> {
  await makeFolder(dirname(path));
  const { writeOnnx } = await import('../graph/onnx/index.ts');
  const beside = `${basename(path, extname(path))}.weights`;
  const { bytes, externalData } = writeOnnx(model, { externalDataPath: beside });
  const written = [path];
  // The weights first: a model without them would be half a model.
  if (externalData) {
    const data = join(dirname(path), externalData.path);
    await writeFileAtomic(data, externalData.parts);
    written.push(data);
  }
  await writeFileAtomic(path, bytes);
  return written;
}
