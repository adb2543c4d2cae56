import { type ChildProcess, spawn } from 'node:child_process';
import { open, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { failPath } from '../common/errno.node.ts';
import { LimnError } from '../common/error.ts';
import { readEnd } from '../common/file.node.ts';
import { makeFolder } from '../common/folder.node.ts';
import { hashFile } from '../common/hash.node.ts';
import { awaitedLater } from '../common/later.ts';
import { beatEvery, type Lock } from '../common/lock.node.ts';
import { withOutputs } from '../common/outputs.node.ts';
import type { Unit } from './unit.ts';

/** What a unit's process prints, of all attempts. */
export const OUTPUT_FILE = 'output.log';

/** How units are run. */
export interface Host {
  /** The plan's folder, in which units run. */
  readonly root: string;
  /** The program and its first words; a unit's command follows. It must load {@link gate}. */
  readonly program: readonly string[];
}

/** How units are told to end: to stop where they can go on, or at once. */
export interface Signals {
  readonly stop: AbortSignal;
  readonly kill: AbortSignal;
}

/** The script that a unit's process loads first: `node --import GATE …`. */
export const gate = (): URL => new URL('./gate.node.js', import.meta.url);

/** How an attempt ended. `later`: it may do at another time. `stopped`: it can go on. `lost`: another process has the unit now. */
export type Ending =
  | { readonly kind: 'done' | 'stopped' | 'lost' }
  | { readonly kind: 'failed' | 'later'; readonly what: string };

/** "Try again later", as sendmail and systemd have it (EX_TEMPFAIL). */
const temporary = 75;

/** Ends of a unit that someone told to stop; by a signal, or by the exit code that stands for it. */
const interrupted: ReadonlySet<NodeJS.Signals | number | null> = new Set(['SIGINT', 'SIGTERM', 130, 143]);

/**
 * Runs a unit once, in a process of its own, for as long as `lock` is held. Told to stop, the unit gets a SIGINT and the time that
 * it needs. Its inputs must be as they were when the plan was made.
 */
export async function attempt(unit: Unit, host: Host, lock: Lock, signals: Signals): Promise<Ending> {
  const folder = resolve(host.root, unit.folder);
  const changed = await changedInput(unit, host.root);
  if (changed) return { kind: 'failed', what: changed };
  const command = await commandOf(unit, host.root);
  await makeFolder(folder);
  const path = join(folder, OUTPUT_FILE);
  const log = await open(path, 'a').catch((error: unknown) => failPath(path, error));
  try {
    const { size } = await log.stat();
    await log.write(`# ${new Date().toISOString()} limn ${command.join(' ')}\n`);
    const [file, ...words] = host.program;
    const child = spawn(file!, [...words, ...command], {
      cwd: host.root,
      stdio: ['ignore', log.fd, log.fd, 'ipc'],
      // A group of its own: Ctrl-C in a terminal reaches the runner alone, which passes it on once.
      detached: true,
      windowsHide: true,
    });
    const { code, by, lost } = await lived(child, lock, signals);
    if (lost) return { kind: 'lost' };
    if (code === 0) return { kind: 'done' };
    if (signals.stop.aborted || interrupted.has(by ?? code)) return { kind: 'stopped' };
    const said = await lastLine(path, size);
    const how = by ? `killed by ${by}` : `exit code ${code}`;
    return { kind: by || code === temporary ? 'later' : 'failed', what: `${how}${said && `: ${said}`}` };
  } finally {
    await log.close();
  }
}

/** A process's life: its start with the lock in its name, signs of life, its end. */
async function lived(
  child: ChildProcess,
  lock: Lock,
  { stop, kill }: Signals,
): Promise<{ code: number | null; by: NodeJS.Signals | null; lost: boolean }> {
  let lost = false;
  const ended = awaitedLater(
    new Promise<{ code: number | null; by: NodeJS.Signals | null }>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code, by) => resolve({ code, by }));
    }),
  );
  const onStop = () => child.kill('SIGINT');
  const onKill = () => child.kill('SIGKILL');
  const beats = setInterval(async () => {
    // A failing disk is no reason to give the unit up: its owner is known to live as long as nobody says otherwise.
    if (await lock.beat().catch(() => true)) return;
    lost = true;
    child.kill('SIGKILL');
  }, beatEvery);
  try {
    if (child.pid !== undefined) {
      await lock.work(child.pid);
      // An ended process is no error here: its end says more.
      child.send('begin', () => {});
    }
    stop.addEventListener('abort', onStop);
    kill.addEventListener('abort', onKill);
    if (stop.aborted) onStop();
    return { ...(await ended), lost };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearInterval(beats);
    stop.removeEventListener('abort', onStop);
    kill.removeEventListener('abort', onKill);
  }
}

/** The unit's command, or that by which it goes on; what cannot be gone on from is removed. */
async function commandOf({ command, resume }: Unit, root: string): Promise<readonly string[]> {
  if (!resume) return command;
  const folder = resolve(root, resume.folder);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOENT' ? [] : failPath(folder, error),
  );
  if (names.some((name) => name.endsWith(resume.ending))) return resume.command;
  // Unless somebody works in it by hand.
  if (names.length > 0) await withOutputs({}, (outputs) => outputs.own(folder));
  await rm(folder, { recursive: true, force: true });
  return command;
}

/** What is wrong with the first input that is not as the plan knows it. */
async function changedInput({ inputs }: Unit, root: string): Promise<string | undefined> {
  for (const { path, sha256 } of inputs) {
    if (sha256 === undefined) continue;
    try {
      if ((await hashFile(resolve(root, path))) !== sha256)
        return `${path}: changed since the plan was made; make it anew with limn plan`;
    } catch (error) {
      if (error instanceof LimnError) return error.message;
      throw error;
    }
  }
  return undefined;
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
