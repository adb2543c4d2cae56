import { open, readdir, realpath, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { failPath } from './errno.node.ts';
import { openFile, readBytes } from './file.node.ts';
import type { FileSystem, FolderEntry, GrowingFile, RandomAccess } from './files.ts';
import { makeFolder, writeInFolder } from './folder.node.ts';
import { checkPresent } from './vanished.node.ts';

/** This machine's disk. Writing is not guarded: see `nodeHostWith`. */
export const nodeFiles: FileSystem = {
  read: readBytes,
  open: fileAccess,
  async kindOf(path) {
    const entry = await stat(path).catch(() => undefined);
    return entry && (entry.isDirectory() ? 'folder' : 'file');
  },
  async list(path) {
    const entries = await readdir(path, { withFileTypes: true }).catch((error) => failPath(path, error));
    const found: FolderEntry[] = [];
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const { name } = entry;
      const kind = entry.isSymbolicLink() ? await stat(join(path, name)).catch(() => undefined) : entry;
      if (kind?.isDirectory()) found.push({ name, kind: 'folder' });
      else if (kind?.isFile()) found.push({ name, kind: 'file' });
    }
    return found;
  },
  realPath: (path) => realpath(path).catch((error) => failPath(path, error)),
  write: writeInFolder,
  grow,
  remove: (path) => rm(path, { force: true }).catch((error) => failPath(path, error)),
  async makeFolder(path) {
    await makeFolder(path);
  },
  claim: async () => {},
  protect: () => {},
  resume: () => {},
  join,
  basename,
};

/** Opened anew for each read. Errors also: it became shorter meanwhile. */
async function fileAccess(path: string): Promise<RandomAccess> {
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

/** What is added is on the disk when `append` is done. */
async function grow(path: string, keep: number): Promise<GrowingFile> {
  await makeFolder(join(path, '..'));
  const there = await stat(path).catch(() => undefined);
  const file = await open(path, there ? 'r+' : 'w').catch((error) => failPath(path, error));
  try {
    await file.truncate(keep);
  } catch (error) {
    await file.close();
    failPath(path, error);
  }
  let end = keep;
  const check = () => checkPresent(path, file.fd);
  return {
    async append(bytes) {
      check();
      try {
        for (let done = 0; done < bytes.length; ) {
          done += (await file.write(bytes, done, bytes.length - done, end + done)).bytesWritten;
        }
        await file.datasync();
      } catch (error) {
        failPath(path, error);
      }
      end += bytes.length;
    },
    check,
    close: () => file.close(),
  };
}
