import { constants } from 'node:fs';
import { access, lstat, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { type Write, writeFilesAtomic } from './atomic.node.ts';
import type { FileData } from './bytes.ts';
import { failPath } from './errno.node.ts';
import { failEnvironment, LimnError } from './error.ts';
import { makeFolder } from './folder.node.ts';
import { type Hold, hold } from './hold.node.ts';
import { type OutputLedger, openLedger } from './ledger.node.ts';
import { sweep } from './temporary.node.ts';
import { folderIdentity } from './vanished.node.ts';
import { field, type Words, words } from './words.ts';

/**
 * The files that a piece of work writes. Nothing is written over a file that the work reads, whatever it is called there
 * (links, hard links, other spellings), nor over one that limn did not make or that was changed since; {@link openLedger}
 * tells. Errors name the path.
 */
export interface Outputs {
  /** Paths of files that the work reads. They are looked at when something is in the way of an output. */
  reads(paths: Iterable<string | undefined>): void;
  /**
   * Makes a folder that only this work writes to until it ends. What a killed process left there half written is removed.
   * Errors: another process works in it; it is a file.
   */
  own(folder: string): Promise<void>;
  /** Says before the work begins what {@link write} would say after it. */
  claim(paths: Iterable<string>): Promise<void>;
  /** Writes a file whole or not at all, its folder made if need be. Errors also: a folder of this work's own is gone. */
  readonly write: Write;
  /** Writes several files so that none takes its name before all are on the disk, in the order given. */
  writeAll(files: readonly (readonly [path: string, data: FileData])[]): Promise<void>;
  /** Claims files that are about to be written bit by bit, and knows them as limn's from then on. */
  open(paths: readonly string[]): Promise<void>;
  /** Removes a file that limn made; leaves any other, and an input, where it is. */
  remove(path: string): Promise<void>;
  /** Errors: something that was written, or a folder of this work's own, is not there any more. */
  check(): Promise<void>;
}

export interface OutputOptions {
  /** Whether files may be replaced that limn did not make; inputs never are. */
  readonly overwrite?: boolean | undefined;
}

/** Does work that writes files: ends with {@link Outputs.check}, and gives its folders back however it ends. */
export async function withOutputs<T>(
  options: OutputOptions,
  work: (outputs: Outputs) => Promise<T>,
): Promise<T> {
  const { outputs, close } = openOutputs(options);
  try {
    const result = await work(outputs);
    await outputs.check();
    return result;
  } finally {
    await close();
  }
}

/** A folder that this process holds. */
interface Own {
  readonly folder: string;
  /** As it was given. */
  readonly path: string;
  /** Which folder it is, to know another one in its place. */
  readonly id: string;
  readonly hold: Hold;
  /** The topmost folder that was made for it, if any. */
  readonly made: string | undefined;
}

/** Where the lock of a folder lies. */
const lockOf = (folder: string): string => join(folder, '.limn-lock');

function openOutputs({ overwrite = false }: OutputOptions): {
  outputs: Outputs;
  close(): Promise<void>;
} {
  const owned: Own[] = [];
  const ledgers = new Map<string, Promise<OutputLedger>>();
  const written = new Map<string, string>();
  const swept = new Set<string>();
  const inputs = inputSet();

  const ownerOf = (full: string): Own | undefined =>
    owned.find(({ folder }) => full.startsWith(folder.endsWith(sep) ? folder : folder + sep));
  const ledgerIn = async (folder: string, full: string) => {
    const ledger = ledgers.get(folder) ?? openLedger(folder);
    ledgers.set(folder, ledger);
    return { ledger: await ledger, name: relative(folder, full).split(sep).join('/') };
  };
  /** Notes what a file is about to hold in the ledger of the folder that is held, or else of its own folder. */
  const note = async (path: string, data: FileData | undefined): Promise<void> => {
    const full = resolve(path);
    const { ledger, name } = await ledgerIn(ownerOf(full)?.folder ?? dirname(full), full);
    await ledger.note(name, data);
  };
  const isMade = async (path: string): Promise<boolean> => {
    const full = resolve(path);
    for (const folder of new Set([dirname(full), ownerOf(full)?.folder ?? dirname(full)])) {
      const { ledger, name } = await ledgerIn(folder, full);
      if (await ledger.made(name)) return true;
    }
    return false;
  };
  const sweepOnce = async (folder: string): Promise<void> => {
    if (swept.has(folder)) return;
    swept.add(folder);
    await sweep(folder);
  };

  const refuse = async (path: string): Promise<void> => {
    const entry = await present(path);
    if (!entry) return;
    if (entry.isDirectory()) failEnvironment(path, 'is a folder', 'give a file');
    // What a link leads to counts, too.
    const target = await stat(path).catch(() => undefined);
    if (target && (await inputs.has(path))) {
      failEnvironment(path, 'is read here and would be written over', 'choose another output');
    }
    if (target && !target.isFile()) failEnvironment(path, 'is no regular file', 'choose another output');
    if (overwrite) return;
    if (entry.isSymbolicLink()) failEnvironment(path, 'is a link, which limn did not make', another);
    if (!(await isMade(path)))
      failEnvironment(path, 'is there already, and limn did not make it or it was changed since', another);
  };

  const claim = async (paths: Iterable<string>): Promise<void> => {
    for (const path of paths) {
      await refuse(path);
      await sweepOnce(dirname(resolve(path)));
    }
  };

  /** Errors: a folder that this work holds is gone, or another one in its place. */
  const checkOwn = async ({ folder, path, id, hold: held }: Own): Promise<void> => {
    if ((await folderIdentity(folder)) !== id)
      failEnvironment(path, 'was removed or replaced while limn worked', again);
    held.check();
  };

  const prepare = async (paths: readonly string[]): Promise<void> => {
    for (const path of paths) {
      const full = resolve(path);
      const own = ownerOf(full);
      if (own) await checkOwn(own);
      await claim([path]);
      if (own?.folder !== dirname(full)) await makeFolder(dirname(path));
    }
  };

  const writeAll = async (files: readonly (readonly [path: string, data: FileData])[]): Promise<void> => {
    await prepare(files.map(([path]) => path));
    const places = new Map<string, string | undefined>();
    for (const [path] of files) places.set(dirname(path), await folderIdentity(dirname(resolve(path))));
    try {
      for (const [path, data] of files) await note(path, data);
      await inEnvironment(() => writeFilesAtomic(files));
    } catch (error) {
      // Of a folder that has gone meanwhile, its files say no more than that they are not there.
      for (const [path] of files) {
        const own = ownerOf(resolve(path));
        if (own) await checkOwn(own);
      }
      for (const [place, id] of places) {
        if ((await folderIdentity(resolve(place))) !== id)
          failEnvironment(place, 'was removed or replaced while limn wrote to it', again);
      }
      throw error;
    }
    for (const [path] of files) written.set(resolve(path), path);
  };

  const outputs: Outputs = {
    reads: inputs.add,
    async own(folder) {
      const full = resolve(folder);
      if (owned.some((each) => each.folder === full)) return;
      const made = await makeFolder(folder);
      await access(folder, constants.W_OK).catch(async (error: unknown) =>
        (await present(full))
          ? failPath(folder, error)
          : failEnvironment(folder, 'was removed while limn began to write to it', again),
      );
      const held = await hold(lockOf(full), folder);
      owned.push({ folder: full, path: folder, id: (await folderIdentity(full)) ?? '', hold: held, made });
      await sweepOnce(full);
    },
    claim,
    write: (path, data) => writeAll([[path, data]]),
    writeAll,
    async open(paths) {
      await prepare(paths);
      for (const path of paths) {
        await note(path, undefined);
        written.set(resolve(path), path);
      }
    },
    async remove(path) {
      written.delete(resolve(path));
      const entry = await present(path);
      if (!entry?.isFile() || (await inputs.has(path))) return;
      if (await isMade(path))
        await rm(path, { force: true }).catch((error: unknown) => failPath(path, error));
    },
    async check() {
      for (const each of owned) await checkOwn(each);
      for (const path of written.values()) {
        if (!(await present(path))) failEnvironment(path, 'was removed while limn worked', again);
      }
    },
  };
  return {
    outputs,
    async close() {
      for (const { folder, hold: held, made } of owned.reverse()) {
        await held.release();
        if (made !== undefined && written.size === 0) await removeEmpty(folder, made);
      }
    },
  };
}

const another: Words = words`choose another output, or allow this with ${field('overwrite')}`;
const again = 'leave it alone and run this again';

/** What goes wrong with an output is no fault of an input, of which others might be taken instead. */
async function inEnvironment(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw error instanceof LimnError ? error.with({ kind: 'environment' }) : error;
  }
}

/** What lies at a path, a link itself; undefined where nothing does. */
const present = (path: string) =>
  lstat(path).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' || error.code === 'ENOTDIR' ? undefined : failPath(path, error),
  );

/** Files by their identity; those that are added are looked at once somebody asks. */
function inputSet(): { add(paths: Iterable<string | undefined>): void; has(path: string): Promise<boolean> } {
  let added: Iterable<string | undefined>[] = [];
  let looked = Promise.resolve();
  const known = new Set<string>();
  const look = async (waiting: readonly Iterable<string | undefined>[]): Promise<void> => {
    for (const paths of waiting) {
      for (const each of paths) {
        const input = each === undefined ? undefined : await folderIdentity(each);
        if (input !== undefined) known.add(input);
      }
    }
  };
  return {
    add: (paths) => void added.push(paths),
    async has(path) {
      const waiting = added;
      added = [];
      // One after another: whoever asks waits for all that were added before.
      looked = looked.then(() => look(waiting));
      await looked;
      const id = await folderIdentity(path);
      return id !== undefined && known.has(id);
    },
  };
}

/** Removes a folder and those above it, up to one that was made with it, as far as nothing is in them. */
async function removeEmpty(folder: string, top: string): Promise<void> {
  for (let each = folder; each.length >= resolve(top).length; each = dirname(each)) {
    if (
      !(await rmdir(each).then(
        () => true,
        () => false,
      ))
    )
      return;
  }
}
