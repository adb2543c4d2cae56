import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failPath } from './errno.node.ts';
import { fail } from './error.ts';

/**
 * Writes a file whole or not at all: to a temporary file in the same folder, synced to the disk, then renamed over
 * `path`. On failure the temporary file is removed, what stood at `path` before is untouched, and the error names
 * `path`.
 */
export async function writeFileAtomic(path: string, data: Uint8Array | string): Promise<void> {
  const temporary = join(
    dirname(path),
    `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    // A rename over a folder fails only after all bytes are written; say it first.
    const present = await stat(path).catch(() => undefined);
    if (present?.isDirectory()) fail(path, 'is a folder', 'give a file');
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(data);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    failPath(path, error);
  }
}
