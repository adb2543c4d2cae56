import { readFileSync } from 'node:fs';
import { basename, dirname, extname, join } from 'node:path';
import type { Write } from '../common/atomic.node.ts';
import { failPath } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { readBytes } from '../common/file.node.ts';
import { writeInFolder } from '../common/folder.node.ts';
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
  refuseCaffe(path);
  const bytes = await readBytes(path);
  const files = [path];
  const model = readOnnx(bytes, path, (location) => {
    const beside = join(dirname(path), location);
    files.push(beside);
    try {
      return readFileSync(beside);
    } catch (error) {
      return failPath(beside, error);
    }
  });
  return { model, path, bytes, files };
}

function refuseCaffe(path: string): void {
  if (!/\.(prototxt|pbtxt|caffemodel|caffemodel\.h5)$/i.test(path)) return;
  fail(
    path,
    'a file of Caffe, not an .onnx model',
    'make one: limn import caffe DEPLOY.prototxt WEIGHTS.caffemodel -o MODEL.onnx',
  );
}

/**
 * Writes a model as `.onnx`, its folder made if need be; where the weights do not fit into one file, they go beside
 * it. Whole or not at all. Returns the paths written.
 */
export async function saveModel(path: string, model: Model, write: Write = writeInFolder): Promise<string[]> {
  const beside = `${basename(path, extname(path))}.weights`;
  const { bytes, externalData } = writeOnnx(model, { externalDataPath: beside });
  const written = [path];
  // The weights first: a model without them would be half a model.
  if (externalData) {
    const data = join(dirname(path), externalData.path);
    await write(data, externalData.parts);
    written.push(data);
  }
  await write(path, bytes);
  return written;
}
