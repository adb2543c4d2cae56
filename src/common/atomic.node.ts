import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failPath } from './errno.node.ts';
import { fail } from './error.ts';

/** Temporary files that are being written. */
const unfinished = new Set<string>();

/** Removes the temporary files that are being written; for a process that is about to end early. */
export function removeUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true });
}

/**
 * Writes a file whole or not at all: to a temporary file in the same folder, synced to the disk, then renamed over
 * `path`. On failure the temporary file is removed, what stood at `path` before is untouched, and the error names
 * `path`. Data may come in parts, so that what is large need not be joined in memory first.
 */
export async function writeFileAtomic(
  path: string,
  data: Uint8Array | string | readonly Uint8Array[],
): Promise<void> {
  const temporary = join(
    dirname(path),
    `.${basename(path).slice(0, 100)}.${randomBytes(6).toString('hex')}.tmp`,
  );
  try {
    // A rename over a folder fails only after all bytes are written; say it first.
    const present = await stat(path).catch(() => undefined);
    if (present?.isDirectory()) fail(path, 'is a folder', 'give a file');
    unfinished.add(temporary);
    const file = await open(temporary, 'wx');
    try {
      // Each call goes on where the last one ended.
      for (const part of Array.isArray(data) ? data : [data]) await file.writeFile(part);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    failPath(path, error);
  } finally {
    unfinished.delete(temporary);
  }
}
