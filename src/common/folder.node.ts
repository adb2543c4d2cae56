import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Write, writeFileAtomic } from './atomic.node.ts';
import { failPath } from './errno.node.ts';
import { fail } from './error.ts';

/**
 * Makes sure that a folder is there to write into; returns the topmost folder that had to be made, if any. Errors: it cannot
 * be made, or a file is in its place.
 */
export async function makeFolder(path: string): Promise<string | undefined> {
  try {
    return await mkdir(path, { recursive: true });
  } catch (error) {
    const present = await stat(path).catch(() => undefined);
    if (present && !present.isDirectory()) fail(path, 'is a file', 'give another folder');
    return failPath(path, error);
  }
}

/** Writes a file whole or not at all, its folder made if need be. */
export const writeInFolder: Write = async (path, data) => {
  await makeFolder(dirname(path));
  await writeFileAtomic(path, data);
};
