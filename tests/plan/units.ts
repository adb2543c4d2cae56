import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Unit, writePlan } from '../../src/plan/index.ts';

const runner = fileURLToPath(new URL('./runner.mjs', import.meta.url));

/** A unit that does what `fake.mjs` can do; `$` in its command is its folder. */
export function unit(name: string, command: string, more: Partial<Unit> & { outputs?: string[] } = {}): Unit {
  const id = createHash('sha256').update(name).digest('hex');
  const folder = `units/${name}`;
  const here = (text: string) => text.replaceAll('$', folder);
  return {
    ...{ id, name, kind: 'fake', folder, verb: 'fake', inputs: [], needs: [] },
    ...more,
    request: { command: here(command).split(' ') },
    outputs: (more.outputs ?? ['$/out']).map(here),
  };
}

/** A fake training of so many steps. */
export const training = (name: string, iterations: number, ms = 20): Unit => {
  const plain = unit(name, `train $/run ${iterations} ${ms}`, { outputs: ['$/run/weights'] });
  const folder = `${plain.folder}/run`;
  const steps = plain.request.command as readonly string[];
  return {
    ...plain,
    resume: { folder, ending: '.limnstate', request: { command: [...steps, '--snapshot'] } },
    progress: { file: `${folder}/log.jsonl`, iterations },
  };
};

export function writeUnits(dir: string, units: readonly Unit[]): string {
  const path = join(dir, 'plan.json');
  writeFileSync(path, writePlan({ limn: 'test', units }));
  return path;
}

/** What the fake units noted. */
export const journal = (dir: string): string[] =>
  existsSync(join(dir, 'journal')) ? readFileSync(join(dir, 'journal'), 'utf8').trim().split('\n') : [];

export interface Run {
  readonly child: ChildProcess;
  /** The changes so far. */
  readonly lines: string[];
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; lines: string[] }>;
}

/** Begins to run a plan in a process of its own. */
export function start(plan: string, workers = 1, ...only: string[]): Run {
  const child = spawn(process.execPath, [runner, plan, String(workers), ...only], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const lines: string[] = [];
  let [text, errors] = ['', ''];
  child.stdout.on('data', (data) => {
    text += data;
    const parts = text.split('\n');
    text = parts.pop()!;
    lines.push(...parts);
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const ended = new Promise<Awaited<Run['ended']>>((resolve, reject) => {
    child.on('close', (code, signal) => {
      if (errors) reject(new Error(errors));
      else resolve({ code, signal, lines });
    });
  });
  return { child, lines, ended };
}

/** Runs a plan to its end; the changes, without those that only say that a unit waits. */
export async function run(plan: string, workers = 1, ...only: string[]): Promise<string[]> {
  const { code, lines } = await start(plan, workers, ...only).ended;
  if (code !== 0) throw new Error(`the runner ended with ${code}`);
  return lines.filter((line) => !/^waiting \S+$/.test(line));
}

/** Waits until something is so; the test's own time limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}
