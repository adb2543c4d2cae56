import { realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { Write } from '../common/atomic.node.ts';
import { failPath } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { type OpenFileSync, openFileSync, readBytes } from '../common/file.node.ts';
import { writeInFolder } from '../common/folder.node.ts';
import type { Model } from '../graph/model.ts';
import type { LoadedModel } from './loaded.ts';
import { type WrittenModel, writeModelFiles } from './modelfiles.ts';
import { type ReadOptions, readOnnx } from './read.ts';

export type { LoadedModel } from './loaded.ts';

/**
 * Reads an `.onnx` model, with the files beside it that hold its weights. Errors: a file that is not there or no model,
 * with what is wrong and where.
 *
 * @example
 * ```ts
 * import { loadModel } from 'limn/node';
 *
 * const { model, files } = await loadModel('models/face-api-age-gender.onnx');
 * console.log(model.graph.name, model.info.heads, files);
 * ```
 */
export async function loadModel(path: string, options: ReadOptions = {}): Promise<LoadedModel> {
  const bytes = await readBytes(path);
  const files = [path];
  const opened: OpenFileSync[] = [];
  try {
    const open = (location: string): OpenFileSync => {
      const beside = besideModel(path, location);
      files.push(beside);
      const file = openFileSync(beside);
      opened.push(file);
      return file;
    };
    const model = readOnnx(bytes, path, open, options);
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

/**
 * Writes a model as `.onnx`, its folder made if need be; where the weights do not fit into one file, they go beside
 * it. Whole or not at all. Returns the paths written.
 */
export async function saveModel(path: string, model: Model): Promise<readonly string[]> {
  return (await writeModelWith(writeInFolder, path, model)).files;
}

/** The same by another way to write files. */
export function writeModelWith(write: Write, path: string, model: Model): Promise<WrittenModel> {
  return writeModelFiles(path, model, {
    basename,
    beside: (file, name) => join(dirname(file), name),
    write,
  });
}
