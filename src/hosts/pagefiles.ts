import type { FileData } from '../common/bytes.ts';
import { concatenate } from '../common/bytes.ts';
import { fail } from '../common/error.ts';
import type { FileSystem, FolderEntry } from '../common/files.ts';
import { blobAccess, bytesAccess } from '../data/index.ts';
import type { Model } from '../graph/index.ts';
import { type ReadOptions, readOnnx, type WrittenModel, writeModelFiles } from '../onnx/index.ts';
import type { Files } from '../verbs/host.ts';

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
      let bytes = (written.get(path) ?? new Uint8Array()).slice(0, keep);
      let length = bytes.length;
      written.set(path, bytes);
      return {
        async append(more) {
          if (length + more.length > bytes.length) {
            const larger = new Uint8Array(2 * (length + more.length));
            larger.set(bytes.subarray(0, length));
            bytes = larger;
          }
          bytes.set(more, length);
          length += more.length;
          written.set(path, bytes.subarray(0, length));
        },
        check: () => {},
        close: async () => {},
      };
    },
    async remove(path) {
      written.delete(path);
    },
    makeFolder: async () => {},
    readModel: (path, options) => readModelOf(read, path, options),
    writeModel: (path, model) => writeModelTo(write, path, model),
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

/** In the order of their names. */
export const sortedEntries = (kinds: ReadonlyMap<string, FolderEntry['kind']>): FolderEntry[] =>
  [...kinds].map(([name, kind]) => ({ name, kind })).sort((a, b) => (a.name < b.name ? -1 : 1));

/** What a file is to hold, as one array. */
export function wholeOf(data: FileData): Uint8Array {
  if (typeof data === 'string') return new TextEncoder().encode(data);
  return data instanceof Uint8Array ? data.slice() : concatenate(data).slice();
}

/** Paths as pages have them, with `/` on every system. */
export const posixPaths = {
  // What a page writes is its own.
  claim: async () => {},
  protect: () => {},
  resume: () => {},
  realPath: async (path: string) => posixPaths.join(path),
  join(...parts: readonly string[]): string {
    const names: string[] = [];
    for (const name of parts.join('/').split('/')) {
      if (name === '' || name === '.') continue;
      if (name === '..' && names.length > 0 && names.at(-1) !== '..') names.pop();
      else names.push(name);
    }
    return `${parts[0]?.startsWith('/') ? '/' : ''}${names.join('/')}`;
  },
  basename(path: string, ending = ''): string {
    const name = path.replace(/\/+$/, '').replace(/^.*\//, '');
    return ending !== '' && name !== ending && name.endsWith(ending) ? name.slice(0, -ending.length) : name;
  },
};

/** Reads a model whose weights may lie beside it: each of these files is read when the reader finds that it needs it. */
export async function readModelOf(
  read: (path: string) => Promise<Uint8Array>,
  path: string,
  options: ReadOptions = {},
) {
  const bytes = await read(path);
  const beside = new Map<string, Uint8Array>();
  const folder = path.replace(/[^/]*$/, '');
  for (;;) {
    let missing: string | undefined;
    try {
      const model = readOnnx(
        bytes,
        path,
        (location) => {
          const found = beside.get(location);
          if (found) return found;
          missing = location;
          return fail(location, 'not read yet');
        },
        options,
      );
      return { model, path, bytes, files: [path, ...[...beside.keys()].map((name) => folder + name)] };
    } catch (error) {
      if (missing === undefined || beside.has(missing)) throw error;
      beside.set(missing, await read(`${folder}${missing}`));
    }
  }
}

/** Writes a model, and beside it what does not fit into one file. */
export const writeModelTo = (write: FileSystem['write'], path: string, model: Model): Promise<WrittenModel> =>
  writeModelFiles(path, model, {
    basename: posixPaths.basename,
    beside: (file, name) => `${file.replace(/[^/]*$/, '')}${name}`,
    write,
  });
