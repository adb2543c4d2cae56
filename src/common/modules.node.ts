import { closeSync, openSync } from 'node:fs';

/** Node opens all modules that are imported at the same depth together; so many are enough for any of limn's. */
const ENOUGH = 128;

/** Reads a module whole before the next one is opened. CommonJS is read so anyway. */
const hooks = dataUrl(`
import { readFileSync } from 'node:fs';
export const load = (url, context, next) =>
  url.startsWith('file:') && context.format === 'module'
    ? { format: 'module', source: readFileSync(new URL(url)), shortCircuit: true }
    : next(url, context);
`);

let few = false;

/**
 * Has Node load modules one after another, here and in worker threads that are started with {@link loadingOptions}, where this
 * process may not open many files at once (`ulimit -n 64`), which would fail. Where there is room for them nothing changes.
 */
export async function loadWithFewFiles(): Promise<void> {
  few = !hasRoomFor(ENOUGH);
  if (few) (await import('node:module')).register(hooks);
}

/** The options of Node by which a worker thread loads its modules as this one does; undefined if they are this one's own. */
export function loadingOptions(): readonly string[] | undefined {
  if (!few) return undefined;
  return ['--import', dataUrl(`import { register } from 'node:module'; register(${JSON.stringify(hooks)});`)];
}

/** What is free, not what is allowed: files may have been passed on to this process, too. */
function hasRoomFor(files: number): boolean {
  const some = new URL(import.meta.url);
  const opened: number[] = [];
  try {
    while (opened.length < files) opened.push(openSync(some, 'r'));
    return true;
  } catch {
    return false;
  } finally {
    for (const file of opened) closeSync(file);
  }
}

function dataUrl(source: string): string {
  return `data:text/javascript,${encodeURIComponent(source)}`;
}
