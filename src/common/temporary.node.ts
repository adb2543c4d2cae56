import { createHash, randomBytes } from 'node:crypto';
import { lstat, open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isAlive, machine, refTo } from './process.node.ts';

/** Of another machine's process nothing is known; a file that is a day old is not being written any more. */
const staleAfter = 86_400_000;

/** Where this process runs, in eight characters. */
const here = (): string => createHash('sha256').update(machine()).digest('hex').slice(0, 8);

/** This process, as the names of its temporary files have it. */
function owner(): string {
  const { pid, begun = '' } = refTo(process.pid);
  return `${pid}-${begun}-${here()}`;
}

let own: string | undefined;

/**
 * A name for what will be `path`, in its folder, hidden; it says whose it is: `.NAME.PID-BEGUN-MACHINE.RANDOM.tmp`. Of long
 * names it has the beginning.
 */
export function temporaryFor(path: string): string {
  own ??= owner();
  const name = basename(path).slice(0, 40);
  return join(dirname(path), `.${name}.${own}.${randomBytes(6).toString('hex')}.tmp`);
}

const pattern = /^\..*\.(\d+)-(\d*)-([0-9a-f]{8})\.[0-9a-f]{12}\.tmp$/s;

/**
 * Removes the temporary files in a folder whose process is dead: it was killed while it wrote. Those of other machines go
 * when they are a day old. What cannot be read or removed stays.
 */
export async function sweep(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  let now: number | undefined;
  for (const name of names) {
    const [, pid, begun, place] = pattern.exec(name) ?? [];
    if (pid === undefined) continue;
    const path = join(folder, name);
    const entry = await lstat(path).catch(() => undefined);
    if (!entry?.isFile()) continue;
    const isStale = async () => {
      now ??= await clockOf(folder);
      return now - entry.mtimeMs > staleAfter;
    };
    const dead = place === here() ? !isAlive({ pid: Number(pid), ...(begun && { begun }) }) : await isStale();
    if (dead) await rm(path, { force: true }).catch(() => undefined);
  }
}

/**
 * What time it is in a folder: the time that a file has which is made there now, in milliseconds since 1970. This machine's clock may
 * differ from that of whoever dates the files. 0, where none can be made.
 */
async function clockOf(folder: string): Promise<number> {
  const path = temporaryFor(join(folder, 'clock'));
  try {
    const file = await open(path, 'wx');
    try {
      return (await file.stat()).mtimeMs;
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
  } catch {
    return 0;
  }
}
