import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { FileData } from './bytes.ts';
import { failPath } from './errno.node.ts';
import { fail } from './error.ts';
import { temporaryFor } from './temporary.node.ts';
import { unfinished } from './unfinished.node.ts';

/** The same in parts. */
export const partsOf = (data: FileData): readonly (Uint8Array | string)[] => (isParted(data) ? data : [data]);

const isParted = (data: FileData): data is readonly Uint8Array[] => Array.isArray(data);

/** Takes what becomes a file. */
export type Write = (path: string, data: FileData) => Promise<void>;

/**
 * Writes a file whole or not at all: to a temporary file in the same folder, synced to the disk, then renamed over
 * `path`. On failure the temporary file is removed, what stood at `path` before is untouched, and the error names
 * `path`.
 */
export const writeFileAtomic: Write = (path, data) => writeFilesAtomic([[path, data]]);

/**
 * Writes several files so, in the order given: none takes its name before all are on the disk, so that a disk that
 * fills up leaves everything as it was. A crash in between leaves the first of them new: the one that makes them a
 * whole goes last.
 */
export async function writeFilesAtomic(files: readonly (readonly [path: string, FileData])[]): Promise<void> {
  const temporaries: string[] = [];
  try {
    for (const [path, data] of files) {
      const temporary = temporaryFor(path);
      temporaries.push(temporary);
      unfinished.add(temporary);
      await writeSynced(temporary, path, data).catch((error: unknown) => failPath(path, error));
    }
    for (const [i, [path]] of files.entries()) {
      await rename(temporaries[i], path).catch((error: unknown) => failPath(path, error));
      await syncFolder(dirname(path));
    }
  } catch (error) {
    for (const temporary of temporaries) await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  } finally {
    for (const temporary of temporaries) unfinished.delete(temporary);
  }
}

async function writeSynced(temporary: string, path: string, data: FileData): Promise<void> {
  // A rename over a folder fails only after all bytes are written; say it first.
  const present = await stat(path).catch(() => undefined);
  if (present?.isDirectory()) fail(path, 'is a folder', 'give a file');
  const file = await open(temporary, 'wx');
  try {
    // Each call goes on where the last one ended.
    for (const part of partsOf(data)) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Only when its folder is on the disk is a new name. Where folders cannot be opened (Windows), the system sees to it. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path).catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}
