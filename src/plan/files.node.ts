import { stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { fail } from '../common/error.ts';
import { readTextFile } from '../common/file.node.ts';
import { hashFile } from '../common/hash.node.ts';

/** The files that a specification speaks of: each is looked at once, and those that are missing are gathered. */
export interface PlannedFiles {
  /** Where a path of the specification leads, absolute. */
  place(path: string): string;
  /** The same, as the plan writes it: absolute, or from the plan's folder on. */
  planned(path: string): string;
  text(path: string): Promise<string | undefined>;
  /** Of a file's bytes; undefined for a folder and for what is missing. */
  sha256(path: string): Promise<string | undefined>;
  readonly missing: ReadonlySet<string>;
}

/** Files whose paths start from the specification's folder, for a plan in another. */
export function filesFrom(specFolder: string, planFolder: string): PlannedFiles {
  const missing = new Set<string>();
  const once = <T>(read: (path: string) => Promise<T>) => {
    const known = new Map<string, Promise<T>>();
    return (path: string): Promise<T> => {
      const found = known.get(path) ?? read(path);
      known.set(path, found);
      return found;
    };
  };
  const place = (path: string) => resolve(specFolder, path);
  const kind = once(async (path) => {
    const entry = await stat(place(path)).catch(() => undefined);
    if (!entry) missing.add(path);
    return entry && (entry.isDirectory() ? 'folder' : 'file');
  });
  return {
    missing,
    place,
    planned: (path) =>
      isAbsolute(path) ? path : relative(planFolder, place(path)).split(sep).join('/') || '.',
    text: once(async (path) =>
      (await kind(path)) ? await readTextFile(place(path), 'a text file') : undefined,
    ),
    sha256: once(async (path) => ((await kind(path)) === 'file' ? hashFile(place(path)) : undefined)),
  };
}

/** Errors: files that `of` names are not there, all of them at once. */
export function checkMissingFiles({ missing }: Pick<PlannedFiles, 'missing'>, of: string): void {
  if (missing.size === 0) return;
  const all = [...missing].sort();
  const shown = all.slice(0, 5).join(', ') + (all.length > 5 ? `, … (${all.length})` : '');
  fail(of, `missing: ${shown}`, 'paths start from the folder of the specification');
}
