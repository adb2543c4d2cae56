import { fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failPath } from '../../common/errno.node.ts';
import { readBytes } from '../../common/file.node.ts';
import { checkPresent } from '../../common/vanished.node.ts';
import { LOG_FILES } from './files.ts';
import type { LogLengths } from './record.ts';

const kinds = Object.keys(LOG_FILES) as (keyof LogLengths)[];

/** Where the logs of a run lie. */
export const logPaths = (folder: string, tensorboard: boolean): string[] =>
  kinds.filter((kind) => tensorboard || kind !== 'tensorboard').map((kind) => join(folder, LOG_FILES[kind]));

/** A log that is written to. */
export interface LogFile {
  readonly path: string;
  readonly fd: number;
  length: number;
}

/** A log, cut off at its length in the snapshot; at 0 for a run that starts. */
export function openLog(folder: string, kind: keyof LogLengths, wanted: number, notes: string[]): LogFile {
  const path = join(folder, LOG_FILES[kind]);
  return attempt(path, () => {
    const fd = openSync(path, 'a');
    const { size } = fstatSync(fd);
    if (size < wanted) notes.push(`${path}: what the run logged before its snapshot is not all there`);
    const length = Math.min(size, wanted);
    ftruncateSync(fd, length);
    return { path, fd, length };
  });
}

/** What a run logged up to its snapshot, for one that goes on from it in another folder. */
export async function copyLogs(from: string, to: string, lengths: LogLengths): Promise<void> {
  for (const kind of kinds) {
    const length = lengths[kind];
    if (length === undefined) continue;
    const source = join(from, LOG_FILES[kind]);
    const known = (await stat(source).catch(() => undefined))?.isFile();
    const bytes = known ? await readBytes(source) : new Uint8Array();
    const path = join(to, LOG_FILES[kind]);
    await writeFile(path, bytes.subarray(0, length)).catch((error: unknown) => failPath(path, error));
  }
}

/** Adds to a log, at once. Errors: it is not there any more. */
export function append(file: LogFile, bytes: Uint8Array): void {
  checkPresent(file.path, file.fd);
  for (let done = 0; done < bytes.length; ) {
    done += attempt(file.path, () => writeSync(file.fd, bytes, done));
  }
  file.length += bytes.length;
}

/** Does something with a file; a complaint of the system names it. */
export function attempt<T>(path: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    return failPath(path, error);
  }
}
