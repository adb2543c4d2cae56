import type { FileData } from '../common/bytes.ts';
import { fail } from '../common/error.ts';
import type { FolderEntry, GrowingFile } from '../common/files.ts';
import { blobAccess, bytesAccess } from '../data/index.ts';
import type { Files } from '../verbs/host.ts';
import { readModelOf, writeModelTo } from './pagemodels.ts';
import { posixPaths, sortedEntries, wholeOf } from './pagepaths.ts';

/** What stands in a page's memory: chosen files (by their path within a chosen folder, or their name) and written ones. */
export interface PageFiles extends Files {
  /** Adds files that a person chose or dropped, or bytes that a program has. */
  add(path: string, data: Blob | Uint8Array): void;
  /** Everything that was written, in order, to be saved or shown. */
  readonly written: ReadonlyMap<string, Uint8Array>;
}

/** A file's path within the folder that it was chosen with, or its name. */
const pathOf = (file: File): string => file.webkitRelativePath || file.name;

/**
 * Files in a page: those chosen are read where they are, those written stay in memory. A path that is an address
 * (`https://…`, `/models/net.onnx`) and not among them is fetched.
 */
export function pageFiles(chosen: Iterable<File> = []): PageFiles {
  const given = new Map<string, Blob | Uint8Array>(Array.from(chosen, (file) => [pathOf(file), file]));
  const written = new Map<string, Uint8Array>();
  const read = async (path: string): Promise<Uint8Array> => {
    const found = written.get(path) ?? given.get(path);
    if (found instanceof Uint8Array) return found;
    return found ? new Uint8Array(await found.arrayBuffer()) : fetched(path);
  };
  const write = async (path: string, data: FileData): Promise<void> => {
    if (given.has(path)) fail(path, 'is a file that was given', 'choose another name');
    written.set(path, wholeOf(data));
  };
  return {
    ...posixPaths,
    written,
    add: (path, data) => {
      given.set(path, data);
    },
    read,
    async kindOf(path) {
      if (given.has(path) || written.has(path)) return 'file';
      const folder = `${path.replace(/\/+$/, '')}/`;
      return [...given.keys(), ...written.keys()].some((name) => name.startsWith(folder))
        ? 'folder'
        : isAddress(path)
          ? 'file'
          : undefined;
    },
    async list(path) {
      return entriesOf([...given.keys(), ...written.keys()], path);
    },
    async open(path) {
      const found = written.get(path) ?? given.get(path);
      return found instanceof Blob ? blobAccess(found, path) : bytesAccess(await read(path));
    },
    write,
    async grow(path, keep) {
      if (given.has(path)) fail(path, 'is a file that was given', 'choose another name');
      return growing((written.get(path) ?? new Uint8Array()).slice(0, keep), (bytes) => {
        written.set(path, bytes);
      });
    },
    async remove(path) {
      written.delete(path);
    },
    makeFolder: async () => {},
    readModel: (path, options) => readModelOf(read, path, options),
    writeModel: (path, model) => writeModelTo(write, path, model),
  };
}

/** Bytes that grow; `put` takes all of them each time, without a copy. */
function growing(start: Uint8Array, put: (bytes: Uint8Array) => void): GrowingFile {
  let bytes = start;
  let length = bytes.length;
  put(bytes);
  return {
    async append(more) {
      if (length + more.length > bytes.length) {
        const larger = new Uint8Array(2 * (length + more.length));
        larger.set(bytes.subarray(0, length));
        bytes = larger;
      }
      bytes.set(more, length);
      length += more.length;
      put(bytes.subarray(0, length));
    },
    check: () => {},
    close: async () => {},
  };
}

/** Whether a path that is not among the chosen files is fetched; whether something is there shows then. */
const isAddress = (path: string): boolean => /^(https?:|blob:|data:|\.{0,2}\/)/.test(path);

async function fetched(path: string): Promise<Uint8Array> {
  if (!isAddress(path)) return fail(path, 'no such file among those that were chosen', 'choose it');
  const response = await fetch(path).catch((error: unknown) =>
    fail(
      path,
      `cannot be fetched: ${error instanceof Error ? error.message : String(error)}`,
      'check the address',
    ),
  );
  if (!response.ok) fail(path, `the server answers ${response.status}`, 'check the address');
  return new Uint8Array(await response.arrayBuffer());
}

/** What stands directly in a folder, given the paths of all files. */
function entriesOf(paths: readonly string[], folder: string): FolderEntry[] {
  const start = posixPaths.join(folder, '.');
  const kinds = new Map<string, FolderEntry['kind']>();
  for (const path of paths) {
    const inside = start === '' ? path : path.startsWith(`${start}/`) ? path.slice(start.length + 1) : '';
    const slash = inside.indexOf('/');
    if (inside !== '' && slash !== 0)
      kinds.set(slash < 0 ? inside : inside.slice(0, slash), slash < 0 ? 'file' : 'folder');
  }
  return sortedEntries(kinds);
}
