import { mkdir, stat } from 'node:fs/promises';
import { failPath } from './errno.node.ts';
import { fail } from './error.ts';

/** Makes sure that a folder is there to write into. Errors: it cannot be made, or a file is in its place. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    const present = await stat(path).catch(() => undefined);
    if (present && !present.isDirectory()) fail(path, 'is a file', 'give another folder');
    failPath(path, error);
  }
}
