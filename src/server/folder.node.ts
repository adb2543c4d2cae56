import { readdir, realpath, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { failPath } from '../common/errno.node.ts';
import { fail } from '../common/error.ts';
import { readStart } from '../common/file.node.ts';
import { count } from '../common/format.ts';
import { kindOfName } from '../data/files.ts';
import { watchFolder } from './changes.node.ts';
import type { ListedFile, ListedKind, Listing, SharedFolder } from './files.ts';
import { openBelow, realBelow } from './open.node.ts';
import { pathParts } from './paths.ts';

/** How much of a folder is listed and watched. */
export interface FolderLimits {
  /** ServedFiles that are listed; 50,000 unless given. */
  readonly files?: number;
  /** Folders in which changes are seen; 5,000 unless given. */
  readonly folders?: number;
}

/** A folder of this machine, read only. Errors: it is not there, or no folder. */
export async function shareFolder(path: string, limits: FolderLimits = {}): Promise<SharedFolder> {
  const { files = 50_000, folders = 5_000 } = limits;
  const root = await realpath(path).catch((error: unknown) => failPath(path, error));
  const there = await stat(root).catch((error: unknown) => failPath(path, error));
  if (!there.isDirectory()) fail(path, 'is a file', 'give the folder that it is in');
  const kindOf = rememberKinds();
  return {
    name: basename(root) || root,
    open: (parts) => openBelow(root, parts),
    list: () => listFolder(root, files, folders, kindOf),
    watch: watchFolder(root, folders, () => foldersBelow(root, folders)),
  };
}

/** A folder below the shared one. */
interface Walked {
  /** Relative to the shared one, with `/` after it; empty for itself. */
  readonly prefix: string;
  readonly entries: readonly { readonly name: string; readonly kind: 'file' | 'folder' | 'link' }[];
}

/** A folder and those below it, the near ones first. What is hidden, of other packages, or cannot be read is left out. */
async function* walk(root: string): AsyncGenerator<Walked> {
  const waiting = [''];
  for (let prefix = waiting.shift(); prefix !== undefined; prefix = waiting.shift()) {
    const found = await readdir(join(root, prefix), { withFileTypes: true }).catch((error: unknown) =>
      prefix === '' ? failPath(root, error) : [],
    );
    const entries: { name: string; kind: 'file' | 'folder' | 'link' }[] = [];
    for (const entry of found) {
      const { name } = entry;
      // What no URL may name need not be listed.
      if (!pathParts(encodeURIComponent(name)) || name === 'node_modules') continue;
      if (entry.isDirectory()) {
        waiting.push(`${prefix}${name}/`);
        entries.push({ name, kind: 'folder' });
      } else if (entry.isFile()) entries.push({ name, kind: 'file' });
      else if (entry.isSymbolicLink()) entries.push({ name, kind: 'link' });
    }
    yield { prefix, entries };
  }
}

/** The folders below one, itself included, as relative paths with `/` after them; at most so many. */
async function foldersBelow(root: string, most: number): Promise<string[]> {
  const found: string[] = [];
  for await (const { prefix } of walk(root)) {
    found.push(prefix);
    if (found.length >= most) break;
  }
  return found;
}

async function listFolder(root: string, most: number, mostFolders: number, kindOf: KindOf): Promise<Listing> {
  const files: ListedFile[] = [];
  const notes: string[] = [];
  let folders = 0;
  for await (const { prefix, entries } of walk(root)) {
    folders++;
    const names = entries.filter(({ kind }) => kind !== 'folder');
    for (let i = 0; i < names.length && files.length < most; i += 64) {
      const some = await Promise.all(
        names
          .slice(i, i + 64)
          .map(({ name, kind }) => listed(root, `${prefix}${name}`, kind === 'link', kindOf)),
      );
      files.push(...some.filter((file) => file !== undefined));
    }
    if (files.length >= most) break;
  }
  if (files.length >= most) {
    files.length = most;
    notes.push(`The folder has ${count(most)} files or more: those nearest to its top are listed.`);
  }
  if (folders > mostFolders) {
    notes.push(`Changes are seen in the ${count(mostFolders)} folders nearest to its top only.`);
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1));
  return { version: 1, folder: basename(root) || root, files, notes };
}

async function listed(
  root: string,
  path: string,
  isLink: boolean,
  kindOf: KindOf,
): Promise<ListedFile | undefined> {
  const real = isLink ? await realBelow(root, path.split('/')) : join(root, path);
  if (real === undefined) return undefined;
  const found = await stat(real).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  const { size, mtime } = found;
  return { path, bytes: size, modified: mtime.toISOString(), kind: await kindOf(path, real, size, mtime) };
}

type KindOf = (path: string, real: string, bytes: number, modified: Date) => ListedKind | Promise<ListedKind>;

/** Documents of limn by the word after `limn` in their format; the first of its fields. */
const documents: Readonly<Record<string, ListedKind>> = {
  result: 'evaluation',
  comparison: 'comparison',
  grid: 'grid',
  faithfulness: 'faithfulness',
  clusters: 'clusters',
  concepts: 'concepts',
};

/** Kinds by names and, of JSON, by the format that its beginning says, which is read once as long as the file is the same. */
function rememberKinds(): KindOf {
  const known = new Map<string, { readonly version: string; readonly kind: ListedKind }>();
  return async (path, real, bytes, modified) => {
    if (!/\.json$/i.test(path)) return kindOfName(path);
    const version = `${bytes} ${modified.getTime()}`;
    const before = known.get(path);
    if (before?.version === version) return before.kind;
    const [, word = ''] = /^\s*\{\s*"format"\s*:\s*"limn ([a-z]+) \d+"/.exec(await beginning(real)) ?? [];
    const kind = Object.hasOwn(documents, word) ? documents[word] : 'other';
    known.set(path, { version, kind });
    return kind;
  };
}

/** The first bytes of a file; nothing where it cannot be read. */
const beginning = async (path: string): Promise<string> =>
  new TextDecoder().decode(await readStart(path, 200).catch(() => undefined));
