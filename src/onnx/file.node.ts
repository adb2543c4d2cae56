import { realpathSync } from 'node:fs';
import { basename, dirname, extname, join, sep } from 'node:path';
import type { Write } from '../common/atomic.node.ts';
import { failPath } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { type OpenFileSync, openFileSync, readBytes } from '../common/file.node.ts';
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
  const opened: OpenFileSync[] = [];
  try {
    const model = readOnnx(bytes, path, (location) => {
      const beside = besideModel(path, location);
      files.push(beside);
      const file = openFileSync(beside);
      opened.push(file);
      return file;
    });
    return { model, path, bytes, files };
  } finally {
    for (const file of opened) file.close();
  }
}

/**
 * Where a file of a model's weights really is. A link may lead to it, but not out of the model's folder: a model must
 * not make limn read elsewhere. The folder of the model's own link's end counts too: so do download caches keep files.
 */
function besideModel(path: string, location: string): string {
  const beside = join(dirname(path), location);
  const real = realPath(beside);
  const folders = [realPath(dirname(path)), dirname(realPath(path))];
  const inside = folders.some((folder) => real.startsWith(folder.endsWith(sep) ? folder : folder + sep));
  return inside
    ? real
    : fail(beside, "a link that leads out of the model's folder", 'put the file itself beside the model');
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    return failPath(path, error);
  }
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
