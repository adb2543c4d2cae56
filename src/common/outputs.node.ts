import { rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { type Write, writeFilesAtomic } from './atomic.node.ts';
import type { FileData } from './bytes.ts';
import { type Claims, claimFiles, isMade, noteFile, prepareFiles, sweepOnce } from './claims.node.ts';
import { failPath } from './errno.node.ts';
import { failEnvironment, LimnError } from './error.ts';
import { inputSet } from './inputset.node.ts';
import { checkHeld, entryAt, giveBack, holdFolder, leaveAlone, ownerOf } from './ownfolder.node.ts';
import { folderIdentity } from './vanished.node.ts';

/**
 * The files that a piece of work writes. Nothing is written over a file that the work reads, whatever it is called there
 * (links, hard links, other spellings), nor over one that limn did not make or that was changed since; {@link isMade}
 * tells. Errors name the path.
 */
export interface Outputs {
  /** Paths of files that the work reads. They are looked at when something is in the way of an output. */
  reads(paths: Iterable<string | undefined>): void;
  /**
   * Makes a folder that only this work writes to until it ends. What a killed process left there half written is removed.
   * Where another machine's process may be dead, it is watched for up to 90 s, which `signal` ends. Errors: another process works in
   * it; it is a file.
   */
  own(folder: string, signal?: AbortSignal): Promise<void>;
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

function openOutputs({ overwrite = false }: OutputOptions): { outputs: Outputs; close(): Promise<void> } {
  const claims: Claims = {
    overwrite,
    inputs: inputSet(),
    owned: [],
    ledgers: new Map(),
    swept: new Set(),
  };
  const { inputs, owned } = claims;
  /** By their full paths, what was written, as it was given. */
  const written = new Map<string, string>();
  const writeAll: Outputs['writeAll'] = async (files) => {
    await writeTogether(claims, files);
    for (const [path] of files) written.set(resolve(path), path);
  };

  const outputs: Outputs = {
    reads: inputs.add,
    async own(folder, signal) {
      const full = resolve(folder);
      if (owned.some((each) => each.folder === full)) return;
      owned.push(await holdFolder(folder, signal));
      await sweepOnce(claims, full);
    },
    claim: (paths) => claimFiles(claims, paths),
    write: (path, data) => writeAll([[path, data]]),
    writeAll,
    async open(paths) {
      await prepareFiles(claims, paths);
      for (const path of paths) {
        await noteFile(claims, path, undefined);
        written.set(resolve(path), path);
      }
    },
    async remove(path) {
      written.delete(resolve(path));
      const entry = await entryAt(path);
      if (!entry?.isFile() || (await inputs.has(path))) return;
      if (await isMade(claims, path))
        await rm(path, { force: true }).catch((error: unknown) => failPath(path, error));
    },
    async check() {
      for (const each of owned) await checkHeld(each);
      for (const path of written.values()) {
        if (!(await entryAt(path))) failEnvironment(path, 'was removed while limn worked', leaveAlone);
      }
    },
  };
  return {
    outputs,
    async close() {
      for (const each of owned.reverse()) await giveBack(each, { unused: written.size === 0 });
    },
  };
}

/** See {@link Outputs.writeAll}. */
async function writeTogether(
  claims: Claims,
  files: readonly (readonly [path: string, data: FileData])[],
): Promise<void> {
  await prepareFiles(
    claims,
    files.map(([path]) => path),
  );
  const places = new Map<string, string | undefined>();
  for (const [path] of files) places.set(dirname(path), await folderIdentity(dirname(resolve(path))));
  try {
    for (const [path, data] of files) await noteFile(claims, path, data);
    await inEnvironment(() => writeFilesAtomic(files));
  } catch (error) {
    // Of a folder that has gone meanwhile, its files say no more than that they are not there.
    for (const [path] of files) {
      const own = ownerOf(claims.owned, resolve(path));
      if (own) await checkHeld(own);
    }
    for (const [place, id] of places) {
      if ((await folderIdentity(resolve(place))) !== id)
        failEnvironment(place, 'was removed or replaced while limn wrote to it', leaveAlone);
    }
    throw error;
  }
}

/** What goes wrong with an output is no fault of an input, of which others might be taken instead. */
async function inEnvironment(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw error instanceof LimnError ? error.with({ kind: 'environment' }) : error;
  }
}
