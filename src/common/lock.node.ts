import { randomUUID } from 'node:crypto';
import { link, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { writeFileAtomic } from './atomic.node.ts';
import { failPath } from './errno.node.ts';
import { readTextFile } from './file.node.ts';
import type { LockRef } from './lockref.ts';
import { isAlive, machine, type ProcessRef, refTo } from './process.node.ts';

/** What a lock file says. */
export interface Holder {
  readonly format: 'limn lock 1';
  /** Of this taking of the lock. */
  readonly token: string;
  readonly host: string;
  /** As {@link machine}. */
  readonly machine: string;
  /** When it was taken, in ISO 8601. */
  readonly since?: string;
  readonly runner: ProcessRef;
  /** The process that does the work. */
  readonly worker?: ProcessRef;
  /** It was given back. */
  readonly released?: true;
}

/** Something that is this process's own. */
export interface Lock {
  readonly token: string;
  /** For {@link beatFor}, by which another process shows its owner's signs of life. */
  readonly ref: LockRef;
  /** Says who does the work: the lock is held as long as that process lives, even if this one does not. */
  work(pid: number): Promise<void>;
  /** Shows that this process lives. False: another one took the lock, because this one seemed dead for too long. */
  beat(): Promise<boolean>;
  /** Lets others have it. */
  release(): Promise<void>;
  /**
   * The same, and leaves no file behind where that is safe: for the first of a lock's files. All who found none try to
   * create that very one, and nobody who found it acts on it while its owner lives.
   */
  discard(): Promise<void>;
}

/** What was seen of locks of other machines, and when, by the clock of this process. */
export type Sightings = Map<string, { readonly sign: string; readonly since: number }>;

/** Between two signs of life. */
const beatEvery = 10_000;
/** Without one for so long, another machine's process counts as dead. */
export const deadAfter = 90_000;

/**
 * Takes a lock, unless someone holds it. The lock `FOLDER/NAME` is files `NAME.N`, of which the one with the highest number
 * counts; taking it over means creating `NAME.N+1`, which the file system lets only one do. The highest one is never removed
 * (but see {@link Lock.discard}), so that whoever acts on what it saw long ago finds a higher one and stands back. Errors name
 * the path.
 */
export async function takeLock(
  lock: string,
  sightings: Sightings,
  dead = deadAfter,
): Promise<Lock | undefined> {
  const top = await highest(lock);
  if (top > 0 && (await isHeld(`${lock}.${top}`, sightings, dead))) return undefined;
  const number = top + 1;
  const path = `${lock}.${number}`;
  let holder: Holder = {
    format: 'limn lock 1',
    token: randomUUID(),
    host: hostname(),
    machine: machine(),
    since: new Date().toISOString(),
    runner: refTo(process.pid),
  };
  const text = () => `${JSON.stringify(holder)}\n`;
  if (!(await createWhole(path, text()))) return undefined;
  if ((await highest(lock)) !== number) {
    await rm(path, { force: true });
    return undefined;
  }
  await clear(lock, number);
  const ref: LockRef = { lock, number, token: holder.token };
  const isMine = () => isHeldBy(ref);
  const release = async () => {
    if (!(await isMine())) return;
    holder = { ...holder, released: true };
    await writeFileAtomic(path, text());
  };
  return {
    token: holder.token,
    ref,
    async work(pid) {
      holder = { ...holder, worker: refTo(pid) };
      await writeFileAtomic(path, text());
    },
    beat: () => beatFor(ref),
    release,
    async discard() {
      if (number > 1) return release();
      if (await isMine()) await rm(path, { force: true });
    },
  };
}

/**
 * Shows that whoever took a lock lives, or the process that does its work. False: somebody else took it since. Watchers see that the
 * file's time changes, whatever it is.
 */
export async function beatFor(ref: LockRef): Promise<boolean> {
  if (!(await isHeldBy(ref))) return false;
  const now = new Date();
  await utimes(fileOf(ref), now, now);
  return true;
}

/**
 * Shows a sign of life; `onLost` hears that somebody else took the lock. A disk that fails now and then is no reason to give up: an
 * owner is known to live as long as nobody says otherwise.
 */
export async function beatOnce(beat: Lock['beat'], onLost: () => void): Promise<void> {
  if (!(await beat().catch(() => true))) onLost();
}

/** The same again and again, until the timer is cleared. */
export const beatRegularly = (beat: Lock['beat'], onLost: () => void): NodeJS.Timeout =>
  setInterval(() => beatOnce(beat, onLost), beatEvery);

const fileOf = ({ lock, number }: LockRef): string => `${lock}.${number}`;

const isHeldBy = async (ref: LockRef): Promise<boolean> =>
  (await highest(ref.lock)) === ref.number && (await readHolder(fileOf(ref)))?.token === ref.token;

/**
 * Creates a file with its contents in one step, so that nobody finds it empty, whenever this process is killed. False: it is there
 * already.
 */
async function createWhole(path: string, text: string): Promise<boolean> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID()}.tmp`);
  try {
    await writeFile(temporary, text);
    await link(temporary, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Without the temporary file, someone took the lock since and cleared up.
    if (code === 'EEXIST' || code === 'ENOENT') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') failPath(path, error);
    return writeFile(path, text, { flag: 'wx' }).then(
      () => true,
      (reason: NodeJS.ErrnoException) => (reason.code === 'EEXIST' ? false : failPath(path, reason)),
    );
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Removes what earlier owners left, and those who came too late. */
async function clear(lock: string, number: number): Promise<void> {
  const [folder, own] = [dirname(lock), `${basename(lock)}.`];
  for (const name of await readdir(folder)) {
    const temporary = name.startsWith(`.${own}`);
    const [, below, rest] = /^(\d+)(\..+\.tmp)?$/.exec(name.slice((temporary ? 1 : 0) + own.length)) ?? [];
    if (below === undefined || !(temporary || name.startsWith(own))) continue;
    if (rest || Number(below) < number) await rm(join(folder, name), { force: true });
  }
}

/** Who holds a lock, as far as that can be said at a glance, and when the last sign of life was; for people. */
export async function holderOf(lock: string): Promise<(Holder & { readonly seen: Date }) | undefined> {
  const top = await highest(lock);
  const path = `${lock}.${top}`;
  const [holder, entry] = await Promise.all([readHolder(path), stat(path).catch(() => undefined)]);
  return holder && entry && !holder.released ? { ...holder, seen: entry.mtime } : undefined;
}

/**
 * Whether a lock has an owner who lives. Of the own machine's processes the system knows; of others only their signs of life tell: they are watched by this process's clock, since others may go differently.
 */
async function isHeld(path: string, sightings: Sightings, dead: number): Promise<boolean> {
  const [holder, entry] = await Promise.all([readHolder(path), stat(path).catch(() => undefined)]);
  if (!entry) return true;
  if (holder?.released) return false;
  if (holder?.machine === machine()) {
    if (lives(holder)) return true;
    // Since this was read, its owner may have named a worker and gone: only what is there after its end is its last word.
    const last = await readHolder(path);
    return last?.token !== holder.token || (!last.released && lives(last));
  }
  const sign = `${holder?.token} ${entry.mtimeMs}`;
  const seen = sightings.get(path);
  const now = performance.now();
  if (seen?.sign === sign) return now - seen.since < dead;
  sightings.set(path, { sign, since: now });
  return true;
}

const lives = ({ runner, worker }: Holder): boolean =>
  [runner, worker].some((each) => each !== undefined && isAlive(each));

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const holder = JSON.parse(await readTextFile(path, 'a lock')) as Holder;
    return holder.format === 'limn lock 1' ? holder : undefined;
  } catch {
    return undefined;
  }
}

/** The highest number of a lock's files; 0 where there is none. */
async function highest(lock: string): Promise<number> {
  const [folder, own] = [dirname(lock), `${basename(lock)}.`];
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : failPath(folder, error),
  );
  const numbers = names.filter((name) => name.startsWith(own) && /^\d+$/.test(name.slice(own.length)));
  return Math.max(0, ...numbers.map((name) => Number(name.slice(own.length))));
}
