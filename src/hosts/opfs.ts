import type { FileData } from '../common/bytes.ts';
import { fail } from '../common/error.ts';
import type { Files } from '../verbs/host.ts';
import { posixPaths, readModelOf, wholeOf } from './pagefiles.ts';

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
  const read = async (path: string): Promise<Uint8Array> => {
    const names = namesOf(path);
    try {
      const file = await (await folderOf(names.slice(0, -1), false)).getFileHandle(names.at(-1) ?? '');
      return new Uint8Array(await (await file.getFile()).arrayBuffer());
    } catch (error) {
      return failFile(path, error);
    }
  };
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
    async write(path: string, data: FileData) {
      const names = namesOf(path);
      try {
        const folder = await folderOf(names.slice(0, -1), true);
        // The browser puts the file in its place when it is closed: whole or not at all.
        const writable = await (
          await folder.getFileHandle(names.at(-1) ?? '', { create: true })
        ).createWritable();
        await writable.write(wholeOf(data) as Uint8Array<ArrayBuffer>);
        await writable.close();
      } catch (error) {
        failFile(path, error);
      }
    },
    async makeFolder(path) {
      await folderOf(namesOf(path), true).catch((error: unknown) => failFile(path, error));
    },
    readModel: (path) => readModelOf(read, path),
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
