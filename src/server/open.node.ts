import { constants } from 'node:fs';
import { type FileHandle, lstat, open, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import type { ServedFile } from './files.ts';

/** Bytes that are read at a time. */
const CHUNK = 2 ** 18;

/**
 * Opens a regular file below a folder; undefined where there is none. Links are followed as far as they lead to somewhere in the
 * folder; `root` is its real path. A pipe or a device is never waited for.
 */
export async function openBelow(root: string, parts: readonly string[]): Promise<ServedFile | undefined> {
  // On Windows `name:stream` is no name, and dots and spaces at its end are dropped.
  if (sep === '\\' && parts.some((part) => /[:*?"<>|]|[. ]$/.test(part))) return undefined;
  const real = await realBelow(root, parts);
  if (real === undefined) return undefined;
  const handle = await open(
    real,
    constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0),
  ).catch(() => undefined);
  if (!handle) return undefined;
  try {
    const opened = await handle.stat({ bigint: true });
    // A folder on the way may have become a link meanwhile: what was opened must be what is there in truth.
    const again = await realBelow(root, parts);
    const there =
      again === undefined ? undefined : await lstat(again, { bigint: true }).catch(() => undefined);
    if (opened.isFile() && there?.dev === opened.dev && there.ino === opened.ino) {
      const version = [opened.ino, opened.size, opened.mtimeNs].map((part) => part.toString(36)).join('-');
      return openFile(handle, Number(opened.size), opened.mtime, version);
    }
  } catch {
    // As if it were not there.
  }
  await handle.close();
  return undefined;
}

/** The real path of what is below the folder; undefined where it is not there, or leads out of the folder. */
export async function realBelow(root: string, parts: readonly string[]): Promise<string | undefined> {
  const real = await realpath(join(root, ...parts)).catch(() => undefined);
  return real?.startsWith(root.endsWith(sep) ? root : root + sep) ? real : undefined;
}

function openFile(handle: FileHandle, bytes: number, modified: Date, version: string): ServedFile {
  const close = () => handle.close().catch(() => undefined);
  return {
    bytes,
    modified,
    version,
    close,
    send: (from, to) =>
      new ReadableStream<Uint8Array>(
        {
          async pull(controller) {
            try {
              const chunk = new Uint8Array(Math.min(CHUNK, to - from));
              const { bytesRead } = await handle.read(chunk, 0, chunk.length, from);
              if (bytesRead === 0) throw new Error('the file has become shorter');
              from += bytesRead;
              controller.enqueue(chunk.subarray(0, bytesRead));
              if (from < to) return;
              await close();
              controller.close();
            } catch (error) {
              await close();
              controller.error(error);
            }
          },
          cancel: close,
        },
        // Nothing is read before it is asked for.
        { highWaterMark: 0 },
      ),
  };
}
