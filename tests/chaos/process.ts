import { type ChildProcess, spawn } from 'node:child_process';
import { main, type Outcome } from '../cli/limn.ts';

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
}

/** Longer than any of these commands works, however slow the machine: what is not done by then hangs. */
const LIMIT = 100_000;

/**
 * The command line in a process (group) of its own. `shell` is run before it in the same process: limits and redirections,
 * in which `limn` stands for the call. Ends with the code `hangs` if it does not end.
 */
export function start(words: readonly string[], cwd: string, shell = 'limn'): Running {
  const script = shell.replace('limn', 'exec "$0" "$@"');
  const child = spawn('bash', ['-c', script, process.execPath, main, ...words], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let [stdout, stderr, hangs] = ['', '', false];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const limit = setTimeout(() => {
    hangs = true;
    signal(child, 'SIGKILL');
  }, LIMIT);
  const ended = new Promise<Outcome>((resolve) => {
    child.once('close', (code, by) => {
      clearTimeout(limit);
      resolve({ code: hangs ? 'hangs' : (code ?? by), stdout, stderr });
    });
  });
  return { child, ended };
}

/** Sends a signal to a process and all that it started, as a terminal or a cluster does; none if it has ended. */
export function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  try {
    process.kill(-pid!, name);
  } catch {
    // It has ended by itself.
  }
}
