import type { FileData } from '../common/bytes.ts';
import { fail } from '../common/error.ts';
import type { FolderEntry } from '../common/files.ts';
import { blobAccess } from '../data/index.ts';
import type { Files } from '../verbs/host.ts';
import { posixPaths, readModelOf, sortedEntries, wholeOf, writeModelTo } from './pagefiles.ts';

/**
 * Files in a folder that the browser keeps or that a person opened for writing; the page's private file system (OPFS)
 * unless one is given. What is written is there in the next visit.
 */
export async function opfsFiles(given?: FileSystemDirectoryHandle): Promise<Files> {
  const root = given ?? (await navigator.storage.getDirectory());
  const namesOf = (path: string) => path.split('/').filter((name) => name !== '' && name !== '.');
  const folderOf = async (names: readonly string[], create: boolean): Promise<FileSystemDirectoryHandle> => {
    let here = root;
    for (const name of names) here = await here.getDirectoryHandle(name, { create });
    return here;
  };
  const fileOf = async (path: string): Promise<File> => {
    const names = namesOf(path);
    try {
      const file = await (await folderOf(names.slice(0, -1), false)).getFileHandle(names.at(-1) ?? '');
      return await file.getFile();
    } catch (error) {
      return failFile(path, error);
    }
  };
  const read = async (path: string): Promise<Uint8Array> =>
    new Uint8Array(await (await fileOf(path)).arrayBuffer());
  /** The browser puts the file in its place when it is closed: whole or not at all. */
  const put = async (path: string, data: Uint8Array, at = 0): Promise<void> => {
    const names = namesOf(path);
    try {
      const folder = await folderOf(names.slice(0, -1), true);
      const file = await folder.getFileHandle(names.at(-1) ?? '', { create: true });
      const writable = await file.createWritable({ keepExistingData: at > 0 });
      await writable.truncate(at);
      await writable.write({ type: 'write', position: at, data: data as Uint8Array<ArrayBuffer> });
      await writable.close();
    } catch (error) {
      failFile(path, error);
    }
  };
  const write = (path: string, data: FileData): Promise<void> => put(path, wholeOf(data));
  return {
    ...posixPaths,
    read,
    async kindOf(path) {
      const names = namesOf(path);
      if (names.length === 0) return 'folder';
      const folder = await folderOf(names.slice(0, -1), false).catch(() => undefined);
      const name = names.at(-1)!;
      if (await folder?.getFileHandle(name).catch(() => undefined)) return 'file';
      return (await folder?.getDirectoryHandle(name).catch(() => undefined)) ? 'folder' : undefined;
    },
    async list(path) {
      const kinds = new Map<string, FolderEntry['kind']>();
      try {
        const folder = await folderOf(namesOf(path), false);
        for await (const [name, { kind }] of folder.entries())
          kinds.set(name, kind === 'file' ? 'file' : 'folder');
      } catch (error) {
        failFile(path, error);
      }
      return sortedEntries(kinds);
    },
    open: async (path) => blobAccess(await fileOf(path), path),
    write,
    async grow(path, keep) {
      let end = keep;
      let waiting: Uint8Array[] = [];
      let last = 0;
      const flush = async () => {
        const bytes = wholeOf(waiting);
        waiting = [];
        await put(path, bytes, end);
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
    },
    async remove(path) {
      const names = namesOf(path);
      const folder = await folderOf(names.slice(0, -1), false).catch(() => undefined);
      await folder?.removeEntry(names.at(-1) ?? '').catch(() => undefined);
    },
    async makeFolder(path) {
      await folderOf(namesOf(path), true).catch((error: unknown) => failFile(path, error));
    },
    readModel: (path) => readModelOf(read, path),
    writeModel: (path, model) => writeModelTo(write, path, model),
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
