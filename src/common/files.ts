import type { FileData } from './bytes.ts';
import { fail } from './error.ts';
import { refuseOtherKinds } from './filekind.ts';

/** Bytes that can be read from anywhere: a file on disk, a `File` of the browser. */
export interface RandomAccess {
  readonly size: number;
  /** Exactly `length` bytes from `offset` on, both inside of `size`. */
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** What stands in a folder; a link is what it leads to. */
export interface FolderEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/** A file that grows at its end, bit by bit. */
export interface GrowingFile {
  /** Adds bytes at the end, which a process that is killed leaves there. */
  append(bytes: Uint8Array): Promise<void>;
  /** Errors: the file is gone, or another one in its place. */
  check(): void;
  close(): Promise<void>;
}

/** Files by path: a disk, or what a person chose and saves in a page. Errors name the path. */
export interface FileSystem {
  read(path: string): Promise<Uint8Array>;
  /** A file that is read in places; nobody need close it. */
  open(path: string): Promise<RandomAccess>;
  /** What there is; undefined where nothing is. */
  kindOf(path: string): Promise<'file' | 'folder' | undefined>;
  /** The files and folders in a folder, in the order of their names. */
  list(path: string): Promise<readonly FolderEntry[]>;
  /** The one path of what may be reached by several: without links, from the root. */
  realPath(path: string): Promise<string>;
  /** Writes a file whole or not at all, its folder made if need be. */
  write(path: string, data: FileData): Promise<void>;
  /** Opens a file to add to it, of which the first `keep` bytes stay; makes it if there is none. */
  grow(path: string, keep: number): Promise<GrowingFile>;
  /** Removes a file that was written; no error if there is none. */
  remove(path: string): Promise<void>;
  /** Makes a folder for what is to be written; only this piece of work writes to it then, where others could. */
  makeFolder(path: string): Promise<void>;
  /** Says before the work begins which of the paths could not be written after it: a file is in the way. */
  claim(paths: readonly string[]): Promise<void>;
  /** Files that the work reads, besides those that it reads through this: they are never written over. */
  protect(paths: Iterable<string>): void;
  /** Files that an earlier run of the same work wrote: they may be read and written over. */
  resume(paths: readonly string[]): void;
  /** A path within a folder, as this host writes paths. */
  join(...parts: readonly string[]): string;
  /** The last part of a path, without the ending if that is given. */
  basename(path: string, ending?: string): string;
}

/** SHA-256 of bytes that come in pieces. */
export interface Hash {
  update(bytes: Uint8Array | string): Hash;
  /** In hexadecimal digits. */
  digest(): string;
}

/** Where results are kept: files, and hashes that tell whether they are what was written. */
export interface Storage {
  readonly files: FileSystem;
  sha256(): Hash;
}

/** The bytes of a file in parts of 1 MiB, however many there are. */
export async function* partsOfFile({ open }: FileSystem, path: string): AsyncGenerator<Uint8Array, void> {
  const { size, read } = await open(path);
  for (let offset = 0; offset < size; offset += 2 ** 20)
    yield await read(offset, Math.min(2 ** 20, size - offset));
}

/**
 * A text file, read as UTF-8. `wanted` says what it should be: `a list of class names`. Errors: a file of another kind, such
 * as a picture or a web page; where it is `strict`, bytes that are no UTF-8, which otherwise become U+FFFD.
 */
export async function readText(
  { read }: FileSystem,
  path: string,
  wanted: string,
  { strict = false }: { readonly strict?: boolean } = {},
): Promise<string> {
  const bytes = await read(path);
  // What an empty file lacks, its reader says.
  if (bytes.length > 0) refuseOtherKinds(bytes, path, wanted);
  try {
    return new TextDecoder('utf-8', { fatal: strict }).decode(bytes);
  } catch {
    return fail(path, `not a text file in UTF-8, so not ${wanted}`, 'give another file, or save it as UTF-8');
  }
}
