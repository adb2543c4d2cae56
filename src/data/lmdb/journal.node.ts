import { open } from 'node:fs/promises';
import { failPath } from '../../common/errno.node.ts';
import { readTextIfThere } from '../../common/file.node.ts';
import { type LmdbBuild, startLmdb } from './writer.ts';

/** How far a build is: what of the list is done, and the database as it is then. */
export interface BuildProgress {
  /** Lines of the list that are done, skipped ones included. */
  readonly done: number;
  /** Paths that were skipped, with the reason. */
  readonly skipped: readonly string[];
  readonly build: LmdbBuild;
}

/** A line of the journal: what changed since the line before. */
interface Line {
  readonly done: number;
  readonly skipped: readonly string[];
  readonly nextPage: number;
  readonly entries: number;
  readonly overflowPages: number;
  readonly leaves: readonly (readonly [key: string, page: number])[];
  readonly lastKey?: string | undefined;
}

export const startProgress = (): BuildProgress => ({ done: 0, skipped: [], build: startLmdb() });

/**
 * Reads the journal of a build that was interrupted: the first line names what is built, each further one a batch
 * whose bytes are on the disk. Undefined where there is no journal, a damaged one, or one of another build. A last line that was
 * cut off by the interruption does not count.
 */
export async function readJournal(path: string, id: string): Promise<BuildProgress | undefined> {
  const [first, ...lines] = (await readTextIfThere(path))?.split('\n') ?? [];
  if (first !== id) return undefined;
  // What stands after the last line break was not finished.
  try {
    return progressAfter(lines.slice(0, -1).map((line) => JSON.parse(line) as Line));
  } catch {
    return undefined;
  }
}

/** Starts a journal anew with the name of what is built. */
export async function startJournal(path: string, id: string): Promise<void> {
  await append(path, `${id}\n`, 'w');
}

/** Notes a batch; its bytes must be on the disk already. */
export async function noteBatch(path: string, before: BuildProgress, after: BuildProgress): Promise<void> {
  const { build } = after;
  const line: Line = {
    done: after.done,
    skipped: after.skipped.slice(before.skipped.length),
    nextPage: build.nextPage,
    entries: build.entries,
    overflowPages: build.overflowPages,
    leaves: build.leaves.slice(before.build.leaves.length).map(({ key, page }) => [text(key), page]),
    lastKey: build.lastKey && text(build.lastKey),
  };
  await append(path, `${JSON.stringify(line)}\n`, 'a');
}

/** Where all lines together lead. */
function progressAfter(lines: readonly Line[]): BuildProgress {
  const start = startProgress();
  const last = lines.at(-1);
  if (!last) return start;
  const { done, nextPage, entries, overflowPages, lastKey } = last;
  return {
    done,
    skipped: lines.flatMap(({ skipped }) => skipped),
    build: {
      pageSize: start.build.pageSize,
      nextPage,
      entries,
      overflowPages,
      leaves: lines.flatMap(({ leaves }) => leaves.map(([key, page]) => ({ key: bytes(key), page }))),
      lastKey: lastKey === undefined ? undefined : bytes(lastKey),
    },
  };
}

async function append(path: string, line: string, flags: 'w' | 'a'): Promise<void> {
  try {
    const file = await open(path, flags);
    try {
      await file.writeFile(line);
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    failPath(path, error);
  }
}

// Keys are paths, but of any bytes.
const text = (key: Uint8Array): string => Buffer.from(key).toString('latin1');
const bytes = (key: string): Uint8Array => new Uint8Array(Buffer.from(key, 'latin1'));
