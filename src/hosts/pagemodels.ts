import { fail } from '../common/error.ts';
import type { FileSystem } from '../common/files.ts';
import type { Model } from '../graph/index.ts';
import { type ReadOptions, readOnnx, type WrittenModel, writeModelFiles } from '../onnx/index.ts';
import { posixPaths } from './pagepaths.ts';

/** Reads a model whose weights may lie beside it: each of these files is read when the reader finds that it needs it. */
export async function readModelOf(
  read: (path: string) => Promise<Uint8Array>,
  path: string,
  options: ReadOptions = {},
) {
  const bytes = await read(path);
  const beside = new Map<string, Uint8Array>();
  const folder = path.replace(/[^/]*$/, '');
  for (;;) {
    let missing: string | undefined;
    try {
      const model = readOnnx(
        bytes,
        path,
        (location) => {
          const found = beside.get(location);
          if (found) return found;
          missing = location;
          return fail(location, 'not read yet');
        },
        { onlyKnown: true, ...options },
      );
      return {
        model,
        path,
        size: bytes.length,
        parts: () => [bytes],
        files: [path, ...[...beside.keys()].map((name) => folder + name)],
      };
    } catch (error) {
      if (missing === undefined || beside.has(missing)) throw error;
      beside.set(missing, await read(`${folder}${missing}`));
    }
  }
}

/** Writes a model, and beside it what does not fit into one file. */
export const writeModelTo = (write: FileSystem['write'], path: string, model: Model): Promise<WrittenModel> =>
  writeModelFiles(path, model, {
    basename: posixPaths.basename,
    beside: (file, name) => `${file.replace(/[^/]*$/, '')}${name}`,
    write,
  });
