import { readdir, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { failPath } from '../common/errno.node.ts';
import { openFile, openFileSync, readBytes } from '../common/file.node.ts';
import type { FileStore } from './dataset.ts';
import type { RandomAccess } from './randomaccess.ts';

/** The files of a folder; paths are relative to it, absolute ones stay. */
export function folderStore(folder: string): FileStore {
  return {
    read: (path) => readBytes(inFolder(folder, path)),
    async missing(paths) {
      const absent: string[] = [];
      // Some at a time: a hundred thousand at once would hold as many promises and requests.
      for (let i = 0; i < paths.length; i += 256) {
        const some = paths.slice(i, i + 256);
        const there = await Promise.all(
          some.map((path) =>
            stat(inFolder(folder, path)).then(
              (entry) => entry.isFile(),
              () => false,
            ),
          ),
        );
        absent.push(...some.filter((_, j) => !there[j]));
      }
      return absent;
    },
  };
}

const inFolder = (folder: string, path: string): string => (path.startsWith('/') ? path : join(folder, path));

/**
 * A file that is read in places. It is opened anew for each read, so that nobody need close it. Errors, also when it
 * became shorter meanwhile, name the path.
 */
export async function fileAccess(path: string): Promise<RandomAccess> {
  const { size, close } = await openFile(path);
  await close();
  return {
    size,
    async read(offset, length) {
      const file = await openFile(path);
      try {
        return await file.read(offset, length);
      } finally {
        await file.close();
      }
    },
  };
}

/**
 * A file that is kept open and read at once, without leaving the thread: many times faster than {@link fileAccess} for
 * many small reads, for threads that have nothing else to do. Errors as there.
 */
export function keptAccess(path: string): RandomAccess & { close(): void } {
  const { size, read, close } = openFileSync(path);
  return { size, read: async (offset, length) => read(offset, length), close };
}

/** Whether a file's name says that it is a picture that limn decodes. */
export const isPicture = (path: string): boolean => /\.(jpe?g|png|webp|tiff?|gif)$/i.test(path);

/**
 * The pictures under a folder, as paths relative to it with `/`, in a fixed order. Hidden files and folders are left
 * out, links are followed. Errors name the path.
 */
export async function picturesUnder(folder: string, except?: string): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  const leftOut = except && (await realpath(except).catch(() => undefined));
  const visit = async (relative: string): Promise<void> => {
    const here = join(folder, relative);
    const real = await realpath(here).catch((error) => failPath(here, error));
    if (seen.has(real) || real === leftOut) return;
    seen.add(real);
    const entries = await readdir(here, { withFileTypes: true }).catch((error) => failPath(here, error));
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (entry.name.startsWith('.')) continue;
      const path = relative ? `${relative}/${entry.name}` : entry.name;
      const kind = entry.isSymbolicLink() ? await stat(join(folder, path)).catch(() => undefined) : entry;
      if (kind?.isDirectory()) await visit(path);
      else if (kind?.isFile() && isPicture(path)) found.push(path);
    }
  };
  await visit('');
  return found;
}
