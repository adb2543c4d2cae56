import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Bench, root } from './bench.ts';
import { browser } from './groups/browser.ts';
import { cli } from './groups/cli.ts';
import { faithfulness } from './groups/faithfulness.ts';
import { forward } from './groups/forward.ts';
import { lrp } from './groups/lrp.ts';
import { many } from './groups/many.ts';
import { memory } from './groups/memory.ts';
import { throughput } from './groups/throughput.ts';
import { training } from './groups/training.ts';
import { machine } from './machine.ts';
import { between, markdown } from './markdown.ts';
import type { Section } from './section.ts';

const groups: Readonly<Record<string, (bench: Bench) => Promise<Section>>> = {
  forward,
  lrp,
  training,
  throughput,
  faithfulness,
  cli,
  browser,
  memory,
  many,
};

const help = `npm run bench -- [GROUP…] [--rounds 9] [--warmups 2] [--pause 250] [--threads 2] [--photos 10] [--write]

Groups: ${Object.keys(groups).join(', ')}; all unless some are named.
--photos says how many photos faithfulness flips at a time: a hundred take as long per photo, and ten minutes a round.
--write puts the tables into bench/README.md. PYTHON says which Python has the peers (/usr/bin/python3).
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '9' },
    warmups: { type: 'string', default: '2' },
    pause: { type: 'string', default: '250' },
    threads: { type: 'string', default: '2' },
    photos: { type: 'string', default: '10' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const unknown = positionals.find((name) => !Object.hasOwn(groups, name));
if (values.help || unknown !== undefined) {
  process.stdout.write(unknown === undefined ? help : `no group '${unknown}'\n\n${help}`);
  process.exit(unknown === undefined ? 0 : 2);
}

const folder = await mkdtemp(join(tmpdir(), 'limn-bench-'));
// The weights of VGG16 are half a gigabyte: they shall not stay behind, however this ends.
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

const bench: Bench = {
  rounds: whole('rounds', 1),
  warmups: whole('warmups', 0),
  pause: whole('pause', 0),
  threads: whole('threads', 1),
  photos: whole('photos', 1),
  folder,
  python: process.env.PYTHON ?? '/usr/bin/python3',
  say: (line) => process.stderr.write(`${line}\n`),
};
await measure(positionals.length > 0 ? positionals : Object.keys(groups));

function whole(name: 'rounds' | 'warmups' | 'pause' | 'threads' | 'photos', least: number): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= least) return value;
  process.stderr.write(`--${name}: expected a whole number from ${least} on, got '${values[name]}'\n`);
  return process.exit(2);
}

/** Runs groups, prints what each finds, and keeps it at once. A group that fails does not keep the others from running. */
async function measure(names: readonly string[]): Promise<void> {
  const about = await machine(bench);
  const { date, processor, limn, peers } = Object.fromEntries(about.rows);
  // Groups are measured on days and machines of their own.
  const measured = `Measured on ${date}, ${bench.rounds} rounds; ${processor}; ${limn}; peers: ${peers}.`;
  bench.say(`load before: ${loadavg()[0].toFixed(2)}`);
  const found: Record<string, Section> = {};
  for (const name of names) {
    bench.say(`\n${name}`);
    try {
      const section = await groups[name](bench);
      found[name] = { ...section, notes: [...section.notes, measured] };
      process.stdout.write(`\n## ${name}\n\n${markdown(found[name])}\n`);
      await keep('bench/results.json', found, about);
      if (values.write) await write('bench/README.md', found, about);
    } catch (error) {
      process.exitCode = 1;
      bench.say(`${name} failed: ${error instanceof Error ? error.message : error}`);
    }
  }
  bench.say(
    `\nbench/results.json holds the times of every round${values.write ? ', bench/README.md the new tables' : ''}`,
  );
}

/** Adds to the results that are there already those of the groups that ran. */
async function keep(
  path: string,
  found: Readonly<Record<string, Section>>,
  about: Section['tables'][0],
): Promise<void> {
  const file = join(root, path);
  const before = existsSync(file) ? JSON.parse(await readFile(file, 'utf8')).groups : {};
  const settings = {
    rounds: bench.rounds,
    warmups: bench.warmups,
    pause: bench.pause,
    threads: bench.threads,
  };
  const results = { machine: Object.fromEntries(about.rows), settings, groups: { ...before, ...found } };
  await writeFile(file, `${JSON.stringify(results, null, 1)}\n`);
}

async function write(
  path: string,
  found: Readonly<Record<string, Section>>,
  about: Section['tables'][0],
): Promise<void> {
  const file = join(root, path);
  let text = await readFile(file, 'utf8');
  // The tables of groups that did not run stay as they were, and so does what they were measured on.
  if (Object.keys(groups).every((name) => found[name]))
    text = between(text, 'machine', markdown({ tables: [about], targets: [], notes: [], raw: {} }));
  for (const [name, section] of Object.entries(found)) text = between(text, name, markdown(section));
  await writeFile(file, text);
}
