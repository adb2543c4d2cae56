import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
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
    return failPath(path, await reasonOf(path, error));
  }
}

/** Node says of a file system that is read-only, too, that there is no such folder: the one to make it in tells. */
async function reasonOf(path: string, error: unknown): Promise<unknown> {
  let above = dirname(resolve(path));
  while (above !== dirname(above) && !(await stat(above).catch(() => undefined))) above = dirname(above);
  return access(above, constants.W_OK).then(
    () => error,
    (reason: unknown) => reason,
  );
}

/** Writes a file whole or not at all, its folder made if need be. */
export const writeInFolder: Write = async (path, data) => {
  await makeFolder(dirname(path));
  await writeFileAtomic(path, data);
};
