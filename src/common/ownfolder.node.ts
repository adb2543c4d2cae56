import { constants } from 'node:fs';
import { access, lstat, readdir, rm, rmdir } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { failPath, isMissing } from './errno.node.ts';
import { failEnvironment } from './error.ts';
import { makeFolder } from './folder.node.ts';
import { type Hold, hold } from './hold.node.ts';
import { LEDGER_FILE } from './ledger.node.ts';
import { folderIdentity } from './vanished.node.ts';

/** A folder that this process holds, so that no other one writes to it. */
export interface OwnFolder {
  readonly folder: string;
  /** As it was given. */
  readonly path: string;
  /** Which folder it is, to know another one in its place. */
  readonly id: string;
  readonly hold: Hold;
  /** The topmost folder that was made for it, if any. */
  readonly made: string | undefined;
}

/** What to do about a folder or file that somebody took away. */
export const leaveAlone = 'leave it alone and run this again';

/** Where the lock of a folder lies. */
const lockOf = (folder: string): string => join(folder, '.limn-lock');

/** Makes a folder, if need be, and holds it: see {@link hold}. Errors: another process works in it; it is a file. */
export async function holdFolder(path: string, signal?: AbortSignal): Promise<OwnFolder> {
  const folder = resolve(path);
  const made = await makeFolder(path);
  await access(path, constants.W_OK).catch(async (error: unknown) =>
    (await entryAt(folder))
      ? failPath(path, error)
      : failEnvironment(path, 'was removed while limn began to write to it', leaveAlone),
  );
  const held = await hold(lockOf(folder), path, signal);
  return { folder, path, id: (await folderIdentity(folder)) ?? '', hold: held, made };
}

/** Which of the folders a file is in, given by its full path. */
export const ownerOf = (owned: readonly OwnFolder[], full: string): OwnFolder | undefined =>
  owned.find(({ folder }) => full.startsWith(folder.endsWith(sep) ? folder : folder + sep));

/** Errors: the folder is gone, or another one in its place. */
export async function checkHeld({ folder, path, id, hold: held }: OwnFolder): Promise<void> {
  if ((await folderIdentity(folder)) !== id)
    failEnvironment(path, 'was removed or replaced while limn worked', leaveAlone);
  held.check();
}

/** Gives a folder back; `unused` removes what was made for it and is empty but for notes of what was removed again. */
export async function giveBack(
  { folder, hold: held, made }: OwnFolder,
  { unused }: { readonly unused: boolean },
): Promise<void> {
  await held.release();
  if (made === undefined || !unused) return;
  const names = await readdir(folder).catch(() => []);
  if (names.length === 1 && names[0] === LEDGER_FILE) await rm(join(folder, LEDGER_FILE), { force: true });
  await removeEmpty(folder, made);
}

/** Removes a folder and those above it, up to one that was made with it, as far as nothing is in them. */
async function removeEmpty(folder: string, top: string): Promise<void> {
  for (let each = folder; each.length >= resolve(top).length; each = dirname(each)) {
    const removed = await rmdir(each).then(
      () => true,
      () => false,
    );
    if (!removed) return;
  }
}

/** What lies at a path, a link itself; undefined where nothing does. */
export const entryAt = (path: string) =>
  lstat(path).catch((error) => (isMissing(error) ? undefined : failPath(path, error)));
