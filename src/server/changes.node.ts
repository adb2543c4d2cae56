import { type FSWatcher, watch } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { pathParts } from './paths.ts';

/** Changes that follow each other within this time are told at once. */
const QUIET_MS = 200;

/** While changes go on and on, they are told this often. */
const LATEST_MS = 2000;

/**
 * Tells of changes below a folder: what is returned begins to, and returns what ends it. One watch serves all who listen, and
 * none is there while nobody does.
 *
 * A folder's watch tells of all files in it, so that ten thousand photos in twenty folders cost twenty watches; Node's recursive
 * watch on Linux, and the libraries for it, take one a file. `folders` lists what to watch, as relative paths with `/` after
 * them; at most `most` are.
 */
export function watchFolder(
  root: string,
  most: number,
  folders: () => Promise<readonly string[]>,
): (on: (paths: readonly string[]) => void) => () => void {
  const listeners = new Set<(paths: readonly string[]) => void>();
  let end: (() => void) | undefined;
  return (on) => {
    // Each a function of its own, even if one listens twice.
    const listener = (paths: readonly string[]) => on(paths);
    listeners.add(listener);
    end ??= begin(root, most, folders, (paths) => {
      for (const each of listeners) each(paths);
    });
    return () => {
      listeners.delete(listener);
      if (listeners.size > 0) return;
      end?.();
      end = undefined;
    };
  };
}

function begin(
  root: string,
  most: number,
  folders: () => Promise<readonly string[]>,
  tell: (paths: readonly string[]) => void,
): () => void {
  const watches = new Map<string, FSWatcher>();
  const changed = new Set<string>();
  let ended = false;
  let quiet: NodeJS.Timeout | undefined;
  let latest: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(quiet);
    clearTimeout(latest);
    latest = undefined;
    const paths = [...changed];
    changed.clear();
    if (!ended && paths.length > 0) tell(paths);
  };
  const note = (path: string) => {
    changed.add(path);
    clearTimeout(quiet);
    quiet = setTimeout(flush, QUIET_MS);
    latest ??= setTimeout(flush, LATEST_MS);
  };
  const drop = (prefix: string) => {
    for (const [each, watcher] of watches) {
      if (!each.startsWith(prefix)) continue;
      watcher.close();
      watches.delete(each);
    }
  };
  const add = (prefix: string) => {
    if (ended || watches.has(prefix) || watches.size >= most) return;
    try {
      const watcher = watch(join(root, prefix), (_, name) => {
        if (name === null || !pathParts(encodeURIComponent(name))) return;
        note(prefix + name);
        void rescan(prefix + name);
      });
      watcher.on('error', () => drop(prefix));
      watches.set(prefix, watcher);
    } catch {
      // It went, or the system has no more watches: what cannot be seen is not told.
    }
  };
  // What came, or went, may be a folder.
  const rescan = async (path: string) => {
    const entry = await lstat(join(root, path)).catch(() => undefined);
    if (!entry?.isDirectory()) return drop(`${path}/`);
    if (watches.has(`${path}/`)) return;
    add(`${path}/`);
    const inner = await folders();
    for (const each of inner) if (each.startsWith(`${path}/`)) add(each);
  };
  void folders().then(
    (all) => all.forEach(add),
    () => undefined,
  );
  return () => {
    ended = true;
    clearTimeout(quiet);
    clearTimeout(latest);
    drop('');
  };
}
