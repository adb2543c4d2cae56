import { stat } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import type { FileData } from './bytes.ts';
import { failEnvironment } from './error.ts';
import { makeFolder } from './folder.node.ts';
import type { InputSet } from './inputset.node.ts';
import { type OutputLedger, openLedger } from './ledger.node.ts';
import { checkHeld, entryAt, type OwnFolder, ownerOf } from './ownfolder.node.ts';
import { sweep } from './temporary.node.ts';
import { field, type Words, words } from './words.ts';

/** What a piece of work knows of the files that it may write. */
export interface Claims {
  /** Whether files may be replaced that limn did not make; inputs never are. */
  readonly overwrite: boolean;
  readonly inputs: InputSet;
  /** Folders that only this work writes to. */
  readonly owned: OwnFolder[];
  /** By folder. */
  readonly ledgers: Map<string, Promise<OutputLedger>>;
  /** Folders in which nothing half written is left of processes that were killed. */
  readonly swept: Set<string>;
}

/** Errors: a file may not be written. Tidies the folders that files will be written to. */
export async function claimFiles(claims: Claims, paths: Iterable<string>): Promise<void> {
  for (const path of paths) {
    await refuse(claims, path);
    await sweepOnce(claims, dirname(resolve(path)));
  }
}

/** Claims files that are written now, and makes their folders. Errors also: a folder of this work's own is gone. */
export async function prepareFiles(claims: Claims, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const full = resolve(path);
    const own = ownerOf(claims.owned, full);
    if (own) await checkHeld(own);
    await claimFiles(claims, [path]);
    if (own?.folder !== dirname(full)) await makeFolder(dirname(path));
  }
}

/** Notes what a file is about to hold in the ledger of the folder that is held, or else of its own folder. */
export async function noteFile(claims: Claims, path: string, data: FileData | undefined): Promise<void> {
  const full = resolve(path);
  const { ledger, name } = await ledgerIn(claims, ledgerFolder(claims, full), full);
  await ledger.note(name, data);
}

/** Whether limn made a file as it is now; the ledgers of its folder and of the one that is held tell. */
export async function isMade(claims: Claims, path: string): Promise<boolean> {
  const full = resolve(path);
  for (const folder of new Set([dirname(full), ledgerFolder(claims, full)])) {
    const { ledger, name } = await ledgerIn(claims, folder, full);
    if (await ledger.made(name)) return true;
  }
  return false;
}

/** Removes what killed processes left half written in a folder. */
export async function sweepOnce({ swept }: Claims, folder: string): Promise<void> {
  if (swept.has(folder)) return;
  swept.add(folder);
  await sweep(folder);
}

const ledgerFolder = ({ owned }: Claims, full: string): string =>
  ownerOf(owned, full)?.folder ?? dirname(full);

async function ledgerIn({ ledgers }: Claims, folder: string, full: string) {
  const ledger = ledgers.get(folder) ?? openLedger(folder);
  ledgers.set(folder, ledger);
  return { ledger: await ledger, name: relative(folder, full).split(sep).join('/') };
}

const another: Words = words`choose another output, or allow this with ${field('overwrite')}`;

async function refuse(claims: Claims, path: string): Promise<void> {
  const entry = await entryAt(path);
  if (!entry) return;
  if (entry.isDirectory()) failEnvironment(path, 'is a folder', 'give a file');
  // What a link leads to counts, too.
  const target = await stat(path).catch(() => undefined);
  if (target && (await claims.inputs.has(path))) {
    failEnvironment(path, 'is read here and would be written over', 'choose another output');
  }
  if (target && !target.isFile()) failEnvironment(path, 'is no regular file', 'choose another output');
  if (claims.overwrite) return;
  if (entry.isSymbolicLink()) failEnvironment(path, 'is a link, which limn did not make', another);
  if (!(await isMade(claims, path)))
    failEnvironment(path, 'is there already, and limn did not make it or it was changed since', another);
}
