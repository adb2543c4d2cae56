import { realpathSync } from 'node:fs';
import { basename, dirname, join, sep } from 'node:path';
import type { Write } from '../common/atomic.node.ts';
import { failPath } from '../common/errno.node.ts';
import { fail, LimnError } from '../common/error.ts';
import { type OpenFileSync, openFileSync, readAgain, readBytes } from '../common/file.node.ts';
import { writeInFolder } from '../common/folder.node.ts';
import type { Model } from '../graph/model.ts';
import type { LoadedModel } from './loaded.ts';
import { type WrittenModel, writeModelFiles } from './modelfiles.ts';
import { type ReadOptions, readOnnx } from './read.ts';
import { withoutWeights } from './skeleton.ts';
import type { ExternalFile } from './weights.ts';

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
  const large = largeModel(path, options);
  if (large) return large;
  const bytes = await readBytes(path);
  const { model, files } = withFiles(path, (open) => readOnnx(bytes, path, open, options));
  return { model, path, size: bytes.length, parts: () => [bytes], files };
}

/** Files below this are read whole: they are read faster so, and the memory does not matter. */
const leastLarge = 2 ** 23;

/** A large file's model, whose weights stay there; undefined where the file is to be read whole. */
function largeModel(path: string, options: ReadOptions): LoadedModel | undefined {
  const file = openFileSync(path);
  try {
    const { size } = file;
    if (size < leastLarge) return undefined;
    const bytes = withoutWeights(file, basename(path));
    if (!bytes || bytes.length > size / 2) return undefined;
    const { model, files } = withFiles(path, (open) => readOnnx(bytes, path, open, options));
    return { model, path, size, parts: () => partsOf(file), files };
  } catch (error) {
    // Read whole, the error says where in the file it is.
    if (error instanceof LimnError) return undefined;
    throw error;
  } finally {
    file.close();
  }
}

function* partsOf(file: OpenFileSync): Generator<Uint8Array, void> {
  for (let at = 0; at < file.size; at += 2 ** 22)
    yield readAgain(file, at, Math.min(2 ** 22, file.size - at));
}

/** Reads a model with the files beside it; which they are. */
function withFiles(
  path: string,
  read: (open: (location: string) => ExternalFile) => Model,
): { readonly model: Model; readonly files: readonly string[] } {
  const files = new Set([path]);
  const opened: OpenFileSync[] = [];
  try {
    const model = read((location) => {
      const beside = besideModel(path, location);
      files.add(location === basename(path) ? path : beside);
      const file = openFileSync(beside);
      opened.push(file);
      return {
        size: file.size,
        read: file.read,
        later: (offset, length) => ({
          place: { path: file.path, offset, length, identity: file.identity },
          read: (from, count) => readAgain(file, offset + from, count),
        }),
      };
    });
    return { model, files: [...files] };
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
