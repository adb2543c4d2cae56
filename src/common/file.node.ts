import { closeSync, constants, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { access, type FileHandle, open } from 'node:fs/promises';
import { concatenate } from './bytes.ts';
import { failPath, isMissing } from './errno.node.ts';
import { fail } from './error.ts';
import { decodeText } from './filekind.ts';
import { count } from './format.ts';

/*
 * Every file that limn reads is opened here. Only regular files are: what never ends (/dev/zero), waits for a writer (a
 * pipe) or is a folder is an error, and it is told by the open descriptor, so that nothing can take the file's place
 * between the look and the read. Opening does not wait either.
 */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** The most bytes that are read of a file at once: what Node and protobuf can hold. */
const MOST = 2 ** 31 - 1;

/** The most bytes of a text: a string of JavaScript cannot be longer than 2²⁹ characters. */
const MOST_TEXT = 2 ** 29 - 1024;

/** A file that is open for reading. Errors name its path. */
export interface OpenFile {
  readonly path: string;
  /** Bytes, when it was opened. */
  readonly size: number;
  /** `length` bytes from `offset` on. Errors: the file ends before. */
  read(offset: number, length: number): Promise<Uint8Array<ArrayBuffer>>;
  close(): Promise<void>;
}

/** Opens a file for reading. Errors: it is missing, unreadable, or no regular file. */
export async function openFile(path: string): Promise<OpenFile> {
  const { file, size } = await opened(path);
  return {
    path,
    size,
    async read(offset, length) {
      const bytes = room(length);
      const done = await fill(file, bytes, offset).catch((error: unknown) => failPath(path, error));
      return done === length ? bytes : endsEarly(path, offset + done);
    },
    close: () => file.close(),
  };
}

/** A file that is open and read without leaving the thread. */
export interface OpenFileSync {
  readonly path: string;
  readonly size: number;
  /** Tells it from any other file, and from itself when it was written anew. */
  readonly identity: string;
  read(offset: number, length: number): Uint8Array<ArrayBuffer>;
  close(): void;
}

/** As {@link openFile}, for many small reads in a thread that has nothing else to do, and for callers that cannot wait. */
export function openFileSync(path: string): OpenFileSync {
  const { file, size, identity } = openedSync(path);
  return {
    path,
    size,
    identity,
    read(offset, length) {
      const bytes = room(length);
      const done = fillSync(path, file, bytes, offset);
      return done === length ? bytes : endsEarly(path, offset + done);
    },
    close: () => closeSync(file),
  };
}

type KnownFile = Pick<OpenFileSync, 'path' | 'identity'>;

/** Errors: the file is not the one that was open before, or was written to. */
export function checkUnchanged(was: KnownFile): void {
  readAgain(was, 0, 0);
}

/** Reads a part of a file that was open before. Errors: it is not the same file any more, or was written to. */
export function readAgain(was: KnownFile, offset: number, length: number): Uint8Array<ArrayBuffer> {
  const file = openFileSync(was.path);
  try {
    if (file.identity !== was.identity)
      fail(was.path, 'it was changed after it was read', 'let nothing change it meanwhile, and begin again');
    return file.read(offset, length);
  } finally {
    file.close();
  }
}

/** The bytes of a file. Errors: it is missing, unreadable, no regular file, or has more than `most` bytes. */
export async function readBytes(path: string, most = MOST): Promise<Uint8Array<ArrayBuffer>> {
  const { file, size } = await opened(path);
  try {
    if (size > most) tooLarge(path, size, most);
    // Files of /proc say 0 and have more.
    if (size === 0) return await rest(file, path, most);
    const bytes = room(size);
    // Whoever cuts a file short meanwhile leaves what is there.
    return bytes.subarray(0, await fill(file, bytes, 0));
  } catch (error) {
    return failPath(path, error);
  } finally {
    await file.close();
  }
}

/** A short text of the system's or a package's own, at once. */
export function readTextSync(path: string): string {
  const { file } = openedSync(path);
  try {
    // Files of /proc do not say their size.
    const parts: Uint8Array[] = [];
    for (let offset = 0, done = 1; done > 0; offset += done) {
      const part = room(2 ** 16);
      done = fillSync(path, file, part, offset);
      parts.push(part.subarray(0, done));
    }
    return new TextDecoder().decode(concatenate(parts));
  } finally {
    closeSync(file);
  }
}

export interface TextOptions {
  /** The most bytes; {@link MOST_TEXT} unless given. */
  readonly most?: number;
  /**
   * Whether bytes that are no UTF-8 are an error, as in a list, where they would be another path. Otherwise they become
   * U+FFFD: comments of definitions come in all encodings.
   */
  readonly strict?: boolean;
}

/**
 * A text file, read as UTF-8, without the mark that some editors put before it. `wanted` says what it should be: `a list
 * of class names`. Errors: as of {@link readBytes}; a file of another kind, such as a picture or a web page.
 */
export async function readTextFile(path: string, wanted: string, options: TextOptions = {}): Promise<string> {
  const { most = MOST_TEXT, strict = false } = options;
  return decodeText(await readBytes(path, most), path, wanted, strict);
}

/** A text that limn wrote for itself, such as a journal; undefined where there is none. */
export async function readTextIfThere(path: string): Promise<string | undefined> {
  try {
    // Before it is opened, since only the system's own error tells that a file is missing.
    await access(path);
  } catch (error) {
    return isMissing(error) ? undefined : failPath(path, error);
  }
  return new TextDecoder().decode(await readBytes(path, MOST_TEXT));
}

/** The bytes of a file in parts of 1 MiB, however many there are. */
export async function* readParts(path: string): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const { file } = await opened(path);
  try {
    for (let offset = 0; ; ) {
      const part = room(2 ** 20);
      const done = await fill(file, part, offset);
      if (done > 0) yield part.subarray(0, done);
      if (done < part.length) return;
      offset += done;
    }
  } catch (error) {
    failPath(path, error);
  } finally {
    await file.close();
  }
}

/** Up to `length` of the first bytes of a file. */
export async function readStart(path: string, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const file = await openFile(path);
  try {
    return await file.read(0, Math.min(length, file.size));
  } finally {
    await file.close();
  }
}

/** Up to `length` of the last bytes of a file, from `from` on. */
export async function readEnd(path: string, length: number, from = 0): Promise<Uint8Array<ArrayBuffer>> {
  const file = await openFile(path);
  try {
    const start = Math.min(file.size, Math.max(from, file.size - length));
    return await file.read(start, file.size - start);
  } finally {
    await file.close();
  }
}

async function opened(path: string): Promise<{ file: FileHandle; size: number }> {
  const file = await open(path, flags).catch((error: unknown) => failPath(path, error));
  try {
    const { size } = regular(path, await file.stat());
    return { file, size };
  } catch (error) {
    await file.close();
    return failPath(path, error);
  }
}

function openedSync(path: string): { file: number; size: number; identity: string } {
  let file: number | undefined;
  try {
    file = openSync(path, flags);
    const { size, dev, ino, mtimeMs } = regular(path, fstatSync(file));
    return { file, size, identity: `${dev} ${ino} ${size} ${mtimeMs}` };
  } catch (error) {
    if (file !== undefined) closeSync(file);
    return failPath(path, error);
  }
}

function regular(path: string, entry: Stats): Stats {
  if (entry.isFile()) return entry;
  if (entry.isDirectory()) fail(path, 'is a folder', 'give a file');
  const what = entry.isFIFO() ? 'is a pipe, not a file' : 'is no regular file';
  return fail(path, what, 'save what it gives in a file, and give that');
}

/** Not zeroed first: every byte that is returned is written. */
function room(length: number): Uint8Array<ArrayBuffer> {
  const { buffer } = Buffer.allocUnsafeSlow(length);
  return new Uint8Array(buffer, 0, length);
}

/** The most bytes that a system reads in one call. */
const ONCE = 2 ** 30;

/** Reads until the bytes are full or the file ends; how many were read. */
async function fill(file: FileHandle, bytes: Uint8Array, offset: number): Promise<number> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesRead } = await file.read(bytes, done, Math.min(bytes.length - done, ONCE), offset + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return done;
}

function fillSync(path: string, file: number, bytes: Uint8Array, offset: number): number {
  let done = 0;
  try {
    while (done < bytes.length) {
      const read = readSync(file, bytes, done, Math.min(bytes.length - done, ONCE), offset + done);
      if (read === 0) break;
      done += read;
    }
  } catch (error) {
    failPath(path, error);
  }
  return done;
}

/** A file that does not say its size. */
async function rest(file: FileHandle, path: string, most: number): Promise<Uint8Array<ArrayBuffer>> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const part = room(2 ** 16);
    const done = await fill(file, part, size);
    parts.push(part.subarray(0, done));
    size += done;
    if (size > most) tooLarge(path, size, most);
    if (done < part.length) break;
  }
  return new Uint8Array(concatenate(parts));
}

function tooLarge(path: string, size: number, most: number): never {
  return fail(
    path,
    `${megabytes(size)}; files of this kind are read up to ${megabytes(most)}`,
    'give a smaller file',
  );
}

const megabytes = (bytes: number): string => `${count(Math.ceil(bytes / 1e6))} MB`;

const endsEarly = (path: string, at: number): never =>
  fail(path, `it ends at byte ${at}; it was longer before`, 'let nothing change it meanwhile');
