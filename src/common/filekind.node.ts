import { open, stat } from 'node:fs/promises';
import { failPath } from './errno.node.ts';
import { type FileKind, fileKind, telling } from './filekind.ts';

/** What the file at a path is, by its beginning; undefined for a pipe, which could be read once only. Errors: none is there. */
export async function fileKindAt(path: string): Promise<FileKind | undefined> {
  try {
    if (!(await stat(path)).isFile()) return undefined;
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(telling), 0, telling, 0);
      return fileKind(buffer.subarray(0, bytesRead));
    } finally {
      await file.close();
    }
  } catch (error) {
    return failPath(path, error);
  }
}
