import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Runner } from './race.ts';

/** A program that waits in a process of its own, and runs its job once when told to: see `peers/server.py`. */
export interface Contestant extends Runner {
  readonly pid: number;
  /** A choice that the program made for itself. */
  readonly note: string | null;
  /** Peak of its resident memory so far, in bytes. */
  memory(): Promise<number>;
  /** Writes the result of a run as an .npy file. */
  save(path: string): Promise<void>;
  close(): Promise<void>;
}

/** How a contestant is started. */
export interface Entrant {
  readonly name: string;
  readonly command: readonly [program: string, ...words: string[]];
  /** Besides what this process has. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** A contestant could not start: what it runs on is not installed. */
export class NotHere extends Error {}

/** Starts a contestant and waits until it is ready. Errors: {@link NotHere}. */
export async function start({
  name,
  command: [program, ...words],
  environment,
}: Entrant): Promise<Contestant> {
  const child = spawn(program, words, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  // What it says last tells more than that the pipe is closed.
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => {});
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const answer = async (): Promise<Record<string, unknown>> => {
    const { value, done } = await Promise.race([lines.next(), failed]);
    if (!done) return JSON.parse(value);
    await ended;
    throw new Error(`${name} ended: ${stderr.trim().split('\n').pop() || `exit code ${child.exitCode}`}`);
  };
  const ask = async (order: string) => {
    child.stdin.write(`${order}\n`);
    const reply = await answer();
    if (typeof reply.error === 'string') throw new Error(`${name}: ${reply.error}`);
    return reply;
  };

  const ready = await answer().catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT' ? new NotHere(`${program} is not installed`) : error;
  });
  if (typeof ready.error === 'string') {
    await ended;
    throw new NotHere(ready.error);
  }
  return {
    name,
    pid: child.pid!,
    note: ready.note as string | null,
    run: async () => (await ask('run')).ms as number,
    memory: async () => ((await ask('memory')).peak_mb as number) * 2 ** 20,
    save: async (path) => void (await ask(`save ${path}`)),
    async close() {
      child.stdin.end('quit\n');
      await ended;
    },
  };
}

/** Starts contestants one after the other; those that are not here are left out, with a line that says so. */
export async function startAll(
  entrants: readonly Entrant[],
): Promise<{ contestants: Contestant[]; missing: string[] }> {
  const contestants: Contestant[] = [];
  const missing: string[] = [];
  for (const entrant of entrants) {
    try {
      contestants.push(await start(entrant));
    } catch (error) {
      if (!(error instanceof NotHere)) {
        await closeAll(contestants);
        throw error;
      }
      missing.push(`${entrant.name} is left out: ${error.message}.`);
    }
  }
  return { contestants, missing };
}

export async function closeAll(contestants: readonly Contestant[]): Promise<void> {
  await Promise.all(contestants.map((each) => each.close()));
}
