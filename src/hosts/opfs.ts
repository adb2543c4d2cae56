import type { FileData } from '../common/bytes.ts';
import { fail } from '../common/error.ts';
import type { FolderEntry, GrowingFile } from '../common/files.ts';
import { blobAccess } from '../data/index.ts';
import type { Files } from '../verbs/host.ts';
import { readModelOf, writeModelTo } from './pagemodels.ts';
import { posixPaths, sortedEntries, wholeOf } from './pagepaths.ts';

/**
 * Files in a folder that the browser keeps or that a person opened for writing; the page's private file system (OPFS)
 * unless one is given. What is written is there in the next visit.
 */
export async function opfsFiles(given?: FileSystemDirectoryHandle): Promise<Files> {
  const root = given ?? (await navigator.storage.getDirectory());
  const read = async (path: string): Promise<Uint8Array> =>
    new Uint8Array(await (await fileAt(root, path)).arrayBuffer());
  const write = (path: string, data: FileData): Promise<void> => put(root, path, wholeOf(data));
  return {
    ...posixPaths,
    read,
    async kindOf(path) {
      const { above, name } = placeOf(path);
      if (name === undefined) return 'folder';
      const folder = await folderAt(root, above).catch(() => undefined);
      if (await folder?.getFileHandle(name).catch(() => undefined)) return 'file';
      return (await folder?.getDirectoryHandle(name).catch(() => undefined)) ? 'folder' : undefined;
    },
    async list(path) {
      const kinds = new Map<string, FolderEntry['kind']>();
      try {
        const folder = await folderAt(root, namesOf(path));
        for await (const [name, { kind }] of folder.entries())
          kinds.set(name, kind === 'file' ? 'file' : 'folder');
      } catch (error) {
        failFile(path, error);
      }
      return sortedEntries(kinds);
    },
    open: async (path) => blobAccess(await fileAt(root, path), path),
    write,
    grow: (path, keep) => growing(root, path, keep),
    async remove(path) {
      const { above, name = '' } = placeOf(path);
      const folder = await folderAt(root, above).catch(() => undefined);
      await folder?.removeEntry(name).catch(() => undefined);
    },
    async makeFolder(path) {
      await folderAt(root, namesOf(path), { create: true }).catch((error: unknown) => failFile(path, error));
    },
    readModel: (path, options) => readModelOf(read, path, options),
    writeModel: (path, model) => writeModelTo(write, path, model),
  };
}

const namesOf = (path: string): string[] => path.split('/').filter((name) => name !== '' && name !== '.');

/** The folders above what a path leads to, and its name; none for the root. */
function placeOf(path: string): { readonly above: readonly string[]; readonly name: string | undefined } {
  const names = namesOf(path);
  return { above: names.slice(0, -1), name: names.at(-1) };
}

async function folderAt(
  root: FileSystemDirectoryHandle,
  names: readonly string[],
  options: FileSystemGetDirectoryOptions = {},
): Promise<FileSystemDirectoryHandle> {
  let here = root;
  for (const name of names) here = await here.getDirectoryHandle(name, options);
  return here;
}

async function fileAt(root: FileSystemDirectoryHandle, path: string): Promise<File> {
  const { above, name = '' } = placeOf(path);
  try {
    const file = await (await folderAt(root, above)).getFileHandle(name);
    return await file.getFile();
  } catch (error) {
    return failFile(path, error);
  }
}

/**
 * Writes a file, of which the first `at` bytes stay. The browser puts it in its place when it is closed: whole or not at
 * all.
 */
async function put(root: FileSystemDirectoryHandle, path: string, data: Uint8Array, at = 0): Promise<void> {
  const { above, name = '' } = placeOf(path);
  try {
    const folder = await folderAt(root, above, { create: true });
    const file = await folder.getFileHandle(name, { create: true });
    const writable = await file.createWritable({ keepExistingData: at > 0 });
    await writable.truncate(at);
    await writable.write({ type: 'write', position: at, data: data as Uint8Array<ArrayBuffer> });
    await writable.close();
  } catch (error) {
    failFile(path, error);
  }
}

/** See `FileSystem.grow`. */
async function growing(root: FileSystemDirectoryHandle, path: string, keep: number): Promise<GrowingFile> {
  let end = keep;
  let waiting: Uint8Array[] = [];
  let last = 0;
  const flush = async () => {
    const bytes = wholeOf(waiting);
    waiting = [];
    await put(root, path, bytes, end);
    end += bytes.length;
    last = performance.now();
  };
  await flush();
  return {
    async append(more) {
      waiting.push(more);
      // The browser copies the whole file each time.
      if (performance.now() - last > 1000) await flush();
    },
    check: () => {},
    close: flush,
  };
}

function failFile(path: string, error: unknown): never {
  const name = error instanceof DOMException ? error.name : undefined;
  if (name === 'NotFoundError') return fail(path, 'no such file or folder', 'check the path');
  if (name === 'TypeMismatchError')
    return fail(path, 'is a folder where a file is wanted, or the other way round');
  if (name === 'QuotaExceededError')
    return fail(path, "the browser's storage is full", 'remove what is not needed', { kind: 'environment' });
  throw error;
}
