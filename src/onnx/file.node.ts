import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { failPath } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { readBytes } from '../common/file.node.ts';
import { fileKind } from '../common/filekind.ts';
import { makeFolder } from '../common/folder.node.ts';
import type { Model } from '../graph/model.ts';
import type { LoadedModel } from './loaded.ts';
import { readOnnx } from './read.ts';
import { writeOnnx } from './write.ts';

export type { LoadedModel } from './loaded.ts';

/**
 * Reads an `.onnx` model, with the files beside it that hold its weights. Errors: a file that is not there or no model,
 * with what is wrong and where.
 */
export async function loadModel(path: string): Promise<LoadedModel> {
  const bytes = await readBytes(path);
  refuseCaffe(path, bytes);
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

function refuseCaffe(path: string, bytes: Uint8Array): void {
  const { kind, text } = fileKind(bytes);
  if (kind !== 'definition' && kind !== 'weights' && kind !== 'solver' && kind !== 'solver state') return;
  const fix = 'make one: limn import caffe DEPLOY.prototxt WEIGHTS.caffemodel -o MODEL.onnx';
  fail(path, `${text}, not an .onnx model`, fix);
}

/**
 * Writes a model as `.onnx`, its folder made if need be; where the weights do not fit into one file, they go beside
 * it. Whole or not at all. Returns the paths written.
 */
export async function saveModel(path: string, model: Model): Promise<string[]> {
  await makeFolder(dirname(path));
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
