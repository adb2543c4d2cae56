import { type ChildProcess, spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeFileAtomic } from '../common/atomic.node.ts';
import { failPath } from '../common/errno.node.ts';
import { readEnd } from '../common/file.node.ts';
import { makeFolder } from '../common/folder.node.ts';
import { awaitedLater } from '../common/later.ts';
import type { Attempt, Ending, Executor } from './executor.ts';
import { TASK_FILE, writeTask } from './task.ts';

/** What a unit's process prints, of all attempts. */
export const OUTPUT_FILE = 'output.log';

/** The script that a unit's process loads first: `node --import GATE …`. */
export const gateScript = (): URL => new URL('./gate.node.js', import.meta.url);

/** limn's own program. */
export const limnMain = (): string => fileURLToPath(new URL('../cli/main.js', import.meta.url));

/** The same for a unit: `limn worker UNIT.json`. */
const limnWorker = (): string[] => [process.execPath, '--import', gateScript().href, limnMain(), 'worker'];

/** "Try again later", as sendmail and systemd have it (EX_TEMPFAIL). */
const temporary = 75;

/** Ends of a unit that someone told to stop; by a signal, or by the exit code that stands for it. */
const interrupted: ReadonlySet<NodeJS.Signals | number | null> = new Set(['SIGINT', 'SIGTERM', 130, 143]);

/**
 * Does each unit in a process of its own on this machine, which is given the path of a {@link TASK_FILE}. `program` is what is
 * called, with its first words; it must load {@link gateScript}. Told to stop, a unit gets a SIGINT and the time that it needs.
 */
export const processes = (program: readonly string[] = limnWorker()): Executor => ({
  attempt: (attempt) => attemptIn(program, attempt),
});

async function attemptIn(program: readonly string[], attempt: Attempt): Promise<Ending> {
  const { unit, task, root, stop } = attempt;
  const folder = resolve(root, unit.folder);
  await makeFolder(folder);
  await writeFileAtomic(join(folder, TASK_FILE), writeTask(task));
  const path = join(folder, OUTPUT_FILE);
  const log = await open(path, 'a').catch((error: unknown) => failPath(path, error));
  try {
    const { size } = await log.stat();
    const call = `# ${new Date().toISOString()} limn ${task.verb} ${JSON.stringify(task.request)}\n`;
    await log.write(call).catch((error: unknown) => failPath(path, error));
    const [file, ...words] = program;
    const child = spawn(file, [...words, `${unit.folder}/${TASK_FILE}`], {
      cwd: root,
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
      // A group of its own: Ctrl-C in a terminal reaches the runner alone, which passes it on once.
      detached: true,
      windowsHide: true,
    });
    const { code, by } = await lived(child, attempt);
    if (attempt.lost.aborted) return { kind: 'lost' };
    if (code === 0) return { kind: 'done' };
    if (stop.aborted || interrupted.has(by ?? code)) return { kind: 'stopped' };
    const said = await lastLine(path, size);
    const how = by ? `killed by ${by}` : `exit code ${code}`;
    return { kind: by || code === temporary ? 'later' : 'failed', what: `${how}${said && `: ${said}`}` };
  } finally {
    await log.close();
  }
}

/** A process's life: its start with the claim in its name, and its end. */
async function lived(
  child: ChildProcess,
  { claim, stop, kill, lost }: Attempt,
): Promise<{ code: number | null; by: NodeJS.Signals | null }> {
  const ended = awaitedLater(
    new Promise<{ code: number | null; by: NodeJS.Signals | null }>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, by) => resolve({ code, by }));
    }),
  );
  const onStop = () => child.kill('SIGINT');
  const onKill = () => child.kill('SIGKILL');
  try {
    if (child.pid !== undefined) {
      await claim.work(child.pid);
      // An ended process is no error here: its end says more.
      child.send(claim.ref, () => {});
    }
    stop.addEventListener('abort', onStop);
    for (const signal of [kill, lost]) signal.addEventListener('abort', onKill);
    if (stop.aborted) onStop();
    if (kill.aborted || lost.aborted) onKill();
    return await ended;
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    stop.removeEventListener('abort', onStop);
    for (const signal of [kill, lost]) signal.removeEventListener('abort', onKill);
  }
}

/** The last thing that an attempt printed; its complaint, if there is one. */
async function lastLine(path: string, from: number): Promise<string> {
  const lines = new TextDecoder()
    .decode(await readEnd(path, 16_384, from))
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '' && !line.startsWith('# '));
  const line = lines.findLast((each) => each.startsWith('limn: ')) ?? lines.at(-1) ?? '';
  return line.replace(/^limn: /, '').trim();
}
