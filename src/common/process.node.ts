import { readdirSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { readTextSync } from '../common/file.node.ts';

/** A process, such that another one that gets its number later is not taken for it. */
export interface ProcessRef {
  readonly pid: number;
  /** When it began, in the system's ticks since it was started; undefined where the system does not say (all but Linux). */
  readonly begun?: string;
}

const attempt = <T>(read: () => T): T | undefined => {
  try {
    return read();
  } catch {
    return undefined;
  }
};

/** State and beginning of a process as Linux tells them: fields 3 and 22 of /proc/PID/stat, counted after the name in brackets. */
function statOf(pid: number): { state: string; begun: string } | undefined {
  const text = attempt(() => readTextSync(`/proc/${pid}/stat`));
  const words = text?.slice(text.lastIndexOf(')') + 2).split(' ');
  return words && { state: words[0], begun: words[19] };
}

export function refTo(pid: number): ProcessRef {
  const begun = statOf(pid)?.begun;
  return { pid, ...(begun !== undefined && { begun }) };
}

/**
 * Whether a process of this machine is still there. One that has ended and waits for its parent to notice is not; one whose
 * first thread alone has ended is: others may be writing yet.
 */
export function isAlive({ pid, begun }: ProcessRef): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Another user's process is there, too.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const stat = statOf(pid);
  if (!stat) return true;
  if (begun !== undefined && stat.begun !== begun) return false;
  const ended = stat.state === 'Z' || stat.state === 'X';
  return !ended || (attempt(() => readdirSync(`/proc/${pid}/task`)) ?? []).length > 1;
}

/**
 * What tells apart places in which process numbers mean different processes: hosts, each time that they were started, and
 * containers.
 */
export const machine = (): string =>
  [
    hostname(),
    attempt(() => readTextSync('/proc/sys/kernel/random/boot_id').trim()),
    attempt(() => readlinkSync('/proc/self/ns/pid')),
  ]
    .filter(Boolean)
    .join(' ');
