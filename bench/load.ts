import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** The clock of /proc counts hundredths of a second. */
const tick = 10;

/** CPU time that a process with all its threads has used so far, in ms; undefined where the system does not tell. */
export function usedBy(pid: number): number | undefined {
  const path = `/proc/${pid}/stat`;
  if (!existsSync(path)) return undefined;
  // The program's name, in brackets, may hold spaces.
  const fields = readFileSync(path, 'utf8').split(') ').pop()!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tick;
}

/** CPU time that was used on the whole machine so far, in ms. */
export function usedInAll(): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + user + nice + sys + irq, 0);
}
