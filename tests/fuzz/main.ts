import { type ChildProcess, fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { count, duration } from '../../src/common/format.ts';
import type { Finding } from './campaign.ts';
import type { Message } from './child.ts';
import { formats } from './formats.ts';

/* `npm run fuzz -- FORMAT… --minutes N`: see CONTRIBUTING.md. */

/** No file takes a reader so long that is not stuck. */
const STUCK_MS = 30_000;
const FOUND = 'tests/fixtures/fuzz/found';

const names = formats.map(({ name }) => name);
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
});
const wanted = positionals.includes('all') ? names : positionals;
const unknown = wanted.find((name) => !names.includes(name));
const minutes = Number(values.minutes);
const seed = Number(values.seed ?? Date.now() % 2 ** 31);
if (wanted.length === 0 || unknown !== undefined || !(minutes > 0) || !Number.isSafeInteger(seed)) {
  console.error(`${unknown === undefined ? '' : `there is no format '${unknown}'\n`}npm run fuzz -- FORMAT… --minutes N [--seed S]
tries damaged files for N minutes, which the formats share. FORMAT: all, ${names.join(', ')}`);
  process.exit(2);
}

console.log(`${wanted.length} formats, ${minutes} min, seed ${seed}`);
let mutants = 0;
const bugs = new Map<string, Finding>();
for (const name of wanted) {
  const { tried, corpus, code } = await tryFormat(name, (minutes * 60_000) / wanted.length);
  mutants += tried;
  const found = [...bugs.values()].filter(({ format }) => format === name);
  const end = found.length > 0 ? `: ${found.length} bugs` : '';
  console.log(
    `${name.padEnd(16)} ${count(tried).padStart(11)} mutants  ${count(corpus)} files in the corpus, ${count(code)} pieces of code${end}`,
  );
}
console.log(
  `${count(mutants)} mutants in ${duration(minutes * 60_000)}: ${bugs.size === 0 ? 'no bugs' : `${bugs.size} bugs`}`,
);
for (const finding of bugs.values()) console.log(`${pathOf(finding)}\n  ${finding.what}`);
process.exitCode = bugs.size > 0 ? 1 : 0;

interface Tried {
  readonly tried: number;
  readonly corpus: number;
  readonly code: number;
}

/** Tries a format for so long, in as many processes as that takes: one that gets stuck or dies is a finding. */
async function tryFormat(name: string, ms: number): Promise<Tried> {
  const end = performance.now() + ms;
  let all: Tried = { tried: 0, corpus: 0, code: 0 };
  while (performance.now() < end) {
    const { state, last, died } = await tryInProcess(name, all.tried, end);
    const done = died === undefined ? state.tried : Math.max(state.tried, last.number - all.tried + 1);
    all = {
      tried: all.tried + done,
      corpus: Math.max(all.corpus, state.corpus),
      code: Math.max(all.code, state.code),
    };
    if (died !== undefined) report({ format: name, what: died, bytes: last.bytes });
  }
  return all;
}

interface Ending {
  readonly state: Tried;
  readonly last: { readonly number: number; readonly bytes: Uint8Array };
  /** What became of a process that did not end by itself. */
  readonly died?: string;
}

async function tryInProcess(name: string, from: number, end: number): Promise<Ending> {
  const trace = join(tmpdir(), `limn-fuzz-${process.pid}`);
  rmSync(trace, { force: true });
  const child = fork(
    fileURLToPath(new URL('child.js', import.meta.url)),
    [name, String(seed), String(from), trace],
    {
      serialization: 'advanced',
      execArgv: ['--max-old-space-size=1500'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    },
  );
  let state: Tried = { tried: 0, corpus: 0, code: 0 };
  let complaints = '';
  child.stderr?.on('data', (text) => {
    complaints = `${complaints}${text}`.slice(-2000);
  });
  child.on('message', (message: Message) => {
    if (message.kind === 'found') report(message.finding);
    else state = message.state;
  });
  const isStuck = watched(child, trace, end);
  const [code, signal] = await new Promise<[number | null, string | null]>((resolve) => {
    child.on('exit', (...how) => resolve(how));
  });
  const last = readTrace(trace);
  if (isStuck()) return { state, last, died: `it takes longer than ${duration(STUCK_MS)}` };
  if (code === 0) return { state, last };
  const why = /FATAL ERROR: .*|Error: .*/.exec(complaints)?.[0] ?? complaints.trim().split('\n').at(-1) ?? '';
  return { state, last, died: `the process dies (${signal ?? code}): ${why}` };
}

/** Stops a process when its time is up, and kills it when it is stuck; says afterwards whether it was. */
function watched(child: ChildProcess, trace: string, end: number): () => boolean {
  let [tries, since, stuck] = [-1, performance.now(), false];
  const timer = setInterval(() => {
    const now = performance.now();
    if (now > end && child.connected) child.send('stop');
    const current = readTrace(trace).tries;
    // Before the first try, all formats are loaded.
    if (current !== tries || tries < 0) [tries, since] = [current, now];
    else if (now - since > STUCK_MS) {
      stuck = true;
      child.kill('SIGKILL');
    }
  }, 500);
  child.on('exit', () => clearInterval(timer));
  return () => stuck;
}

function readTrace(path: string): { number: number; bytes: Uint8Array; tries: number } {
  try {
    const content = readFileSync(path);
    const view = new DataView(content.buffer, content.byteOffset);
    const bytes = content.subarray(16, 16 + view.getUint32(8));
    return { number: view.getFloat64(0), bytes, tries: view.getUint32(12) };
  } catch {
    return { number: -1, bytes: new Uint8Array(), tries: -1 };
  }
}

/** Keeps the shortest file that shows a bug, where the tests try it from then on. */
function report(finding: Finding): void {
  const key = `${finding.format}: ${finding.what}`;
  const before = bugs.get(key);
  if (before && before.bytes.length <= finding.bytes.length) return;
  if (!before) console.log(`${finding.format}: ${finding.what}`);
  bugs.set(key, finding);
  const path = pathOf(finding);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, finding.bytes);
}

function pathOf({ format, what }: Finding): string {
  const name = createHash('sha256').update(what).digest('hex').slice(0, 12);
  return join(FOUND, format, name);
}
