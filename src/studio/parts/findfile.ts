import type { StudioFile } from '../state/files.ts';

/*
 * Results name photos as the data did: relative to a folder that is somewhere else here. A photo is the one whose path ends alike.
 */

const partsOf = (path: string): string[] => path.split(/[\\/]/).filter((part) => part !== '' && part !== '.');

/** How many of the last parts of two paths are equal. */
function alike(a: readonly string[], b: readonly string[]): number {
  let n = 0;
  while (n < a.length && n < b.length && a[a.length - 1 - n] === b[b.length - 1 - n]) n++;
  return n;
}

/**
 * Finds files by a path within a folder that may be called otherwise here: all of that path, or of the file's, must be the same.
 * Of several it is the one with most parts of the folder's path in common, too; undefined where two have as many.
 */
export function fileFinder(
  files: readonly StudioFile[],
): (path: string, folder: string) => StudioFile | undefined {
  const byName = new Map<string, { readonly file: StudioFile; readonly parts: readonly string[] }[]>();
  for (const file of files) {
    const parts = file.path.split('/');
    const name = parts[parts.length - 1];
    const same = byName.get(name);
    if (same) same.push({ file, parts });
    else byName.set(name, [{ file, parts }]);
  }
  return (path, folder) => {
    const own = partsOf(path);
    const wanted = [...partsOf(folder), ...own];
    const candidates = byName.get(wanted[wanted.length - 1] ?? '') ?? [];
    let best: StudioFile | undefined;
    let most = 0;
    let alone = false;
    for (const { file, parts } of candidates) {
      const n = alike(parts, wanted);
      if (n < most || n < Math.min(own.length, parts.length)) continue;
      alone = n > most;
      [best, most] = [file, n];
    }
    return alone ? best : undefined;
  };
}
