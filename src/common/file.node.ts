import { readFile, stat } from 'node:fs/promises';
import { failPath } from './errno.node.ts';
import { fail } from './error.ts';

/** The bytes of a file, pipes included; a missing, unreadable or non-file path is an error that names it. */
export async function readBytes(path: string): Promise<Uint8Array<ArrayBuffer>> {
  try {
    const entry = await stat(path);
    if (entry.isDirectory()) fail(path, 'is a folder', 'give a file');
    // /dev/zero and its like never end.
    if (!entry.isFile() && !entry.isFIFO()) fail(path, 'is no regular file', 'give a file');
    return await readFile(path);
  } catch (error) {
    return failPath(path, error);
  }
}
