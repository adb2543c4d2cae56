import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { hashOf } from '../../src/common/hash.node.ts';
import { holderOf } from '../../src/common/lock.node.ts';
import { isAlive, type ProcessRef } from '../../src/common/process.node.ts';
import type { Executor } from '../../src/plan/executor.ts';
import { prepareTask } from '../../src/plan/prepare.node.ts';
import { type RunPlanEvent, runPlan } from '../../src/plan/run.node.ts';
import { folder } from '../cli/limn.ts';
import { journal, run, start, training, unit, until, writeUnits } from './units.ts';

it('runs units after those that they need, and none that is done', async () => {
  const dir = folder();
  const a = unit('a', 'write $/out');
  const b = unit('b', 'write $/out', { needs: [a.id] });
  const c = unit('c', 'write $/out', { needs: [a.id, b.id] });
  const plan = writeUnits(dir, [a, b, c]);
  const names = ['a', 'b', 'c'];
  expect(await run(plan, 3)).toEqual(names.flatMap((name) => [`running ${name}`, `done ${name}`]));
  expect(await run(plan, 3)).toEqual(names.map((name) => `done ${name} (before)`));
  expect(journal(dir)).toEqual(names.map((name) => `write units/${name}/out`));
});

it('does again what is no longer whole', async () => {
  const dir = folder();
  const plan = writeUnits(dir, [
    unit('a', 'write $/out'),
    unit('b', 'write $/out'),
    unit('c', 'write $/out'),
  ]);
  await run(plan);
  rmSync(join(dir, 'units/a/out'));
  appendFileSync(join(dir, 'units/b/out'), '!');
  expect(await run(plan)).toEqual(['done c (before)', 'running a', 'done a', 'running b', 'done b']);
});

it('takes another id for another unit', async () => {
  const dir = folder();
  const a = unit('a', 'write $/out');
  await run(writeUnits(dir, [a]));
  expect(await run(writeUnits(dir, [{ ...a, id: hashOf('else') }]))).toEqual(['running a', 'done a']);
});

it('leaves alone what does not need a unit that failed', async () => {
  const dir = folder();
  const bad = unit('bad', 'fail 1 the layer does not fit');
  const after = unit('after', 'write $/out', { needs: [bad.id] });
  const last = unit('last', 'write $/out', { needs: [after.id] });
  const empty = unit('empty', 'nothing');
  const plan = writeUnits(dir, [bad, after, last, empty, unit('good', 'write $/out')]);
  expect(await run(plan)).toEqual([
    'running bad',
    'failed bad: exit code 1: the layer does not fit',
    'blocked after: needs bad',
    'blocked last: needs after',
    'running empty',
    'failed empty: units/empty/out: it was not made; see units/empty',
    'running good',
    'done good',
  ]);
  // The next call tries again.
  expect(await run(plan)).toContain('running bad');
  expect(
    readFileSync(join(dir, 'units/bad/output.log'), 'utf8').match(
      /^# .* limn fake \{"command":\["fail","1"/gm,
    ),
  ).toHaveLength(2);
});

it('tries again what is killed or asks for it, but not for ever', async () => {
  const dir = folder();
  const plan = writeUnits(dir, [unit('killed', 'die SIGKILL'), unit('later', 'once 75 $/out')]);
  const lines = await run(plan);
  expect(lines).toContain('waiting killed: killed by SIGKILL');
  expect(lines).toContain('failed killed: killed by SIGKILL (3 attempts)');
  expect(lines).toContain('waiting later: exit code 75');
  expect(lines).toContain('done later');
  expect(journal(dir).filter((line) => line === 'die SIGKILL')).toHaveLength(3);
});

it('refuses inputs that changed since the plan was made', async () => {
  const dir = folder();
  writeFileSync(join(dir, 'solver'), 'max_iter: 1');
  const inputs = [{ path: 'solver', sha256: hashOf('max_iter: 1') }];
  const plan = writeUnits(dir, [unit('a', 'write $/out', { inputs })]);
  writeFileSync(join(dir, 'solver'), 'max_iter: 2');
  expect(await run(plan)).toEqual([
    'running a',
    'failed a: solver: changed since the plan was made; make it anew',
  ]);
  expect(journal(dir)).toEqual([]);
});

it('waits for inputs that a shared folder shows late, and says which are not there at all', async () => {
  const dir = folder();
  const late = unit('a', 'write $/out', {
    inputs: [{ path: 'photos' }, { path: 'solver', sha256: hashOf('x') }],
  });
  const plan = writeUnits(dir, [late]);
  const missing = 'photos: it is not there; put it back where the plan has it, or make the plan anew';
  expect(await run(plan)).toEqual(['running a', `failed a: ${missing}`]);
  await expect(prepareTask(late, dir, { settle: 1 })).rejects.toThrow(missing);
  const prepared = prepareTask(late, dir, { settle: 60_000 });
  await new Promise((resolve) => setTimeout(resolve, 50));
  mkdirSync(join(dir, 'photos'));
  writeFileSync(join(dir, 'solver'), 'x');
  expect(await prepared).toMatchObject({ id: late.id });
});

it('stops while it waits for inputs', async () => {
  const dir = folder();
  const plan = writeUnits(dir, [unit('a', 'write $/out', { inputs: [{ path: 'photos' }] })]);
  const stop = new AbortController();
  const on = (event: RunPlanEvent) => {
    if (event.kind === 'change' && event.change.state === 'running') stop.abort();
  };
  const never: Executor = { attempt: () => Promise.reject(new Error('it was begun')) };
  const { units } = await runPlan({ plan, settle: 3600 }, never, { on, stop: stop.signal });
  expect(units).toMatchObject([{ state: 'stopped' }]);
  expect(await holderOf(join(dir, 'units/a/lock'))).toBeUndefined();
});

it('ends a unit that outlived its runner and does not stop, once another has its lock', async () => {
  const dir = folder();
  const { child, ended } = start(writeUnits(dir, [unit('a', 'stay')]));
  await until(() => journal(dir).includes('stay'));
  const own = join(dir, 'units/a/lock.1');
  const { worker } = JSON.parse(readFileSync(own, 'utf8')) as { worker: ProcessRef };
  utimesSync(own, 1, 1);
  child.kill('SIGKILL');
  await ended;
  await until(() => journal(dir).includes('asked'));
  // For other machines it shows that it lives.
  await until(() => statSync(own).mtimeMs > 1000);
  expect(isAlive(worker)).toBe(true);
  writeFileSync(
    join(dir, 'units/a/lock.2'),
    readFileSync(own, 'utf8').replace(/"machine":"/, '"machine":"not '),
  );
  await until(() => !isAlive(worker));
});

it('runs only what is asked for', async () => {
  const dir = folder();
  const a = unit('net/fold-0/train', 'write $/out');
  const b = unit('net/fold-0/import', 'write $/out', { needs: [a.id] });
  const c = unit('net/fold-1/train', 'write $/out');
  const plan = writeUnits(dir, [a, b, c]);
  expect(await run(plan, 1, '*/import')).toEqual([
    'blocked net/fold-0/import: needs net/fold-0/train, which is neither done nor chosen',
  ]);
  expect(await run(plan, 1, a.id.slice(0, 12))).toEqual([`running ${a.name}`, `done ${a.name}`]);
  expect(await run(plan, 1, '*/fold-0/*')).toEqual([
    ...[`done ${a.name} (before)`, `running ${b.name}`, `done ${b.name}`],
  ]);
});

it('stops units when it is told to, and goes on with them', async () => {
  const dir = folder();
  const plan = writeUnits(dir, [training('a', 40), training('b', 40), unit('c', 'write $/out')]);
  const first = start(plan, 2);
  await until(
    () =>
      existsSync(join(dir, 'units/a/run/3.limnstate')) && existsSync(join(dir, 'units/b/run/1.limnstate')),
  );
  first.child.kill('SIGINT');
  const { lines } = await first.ended;
  expect(lines.slice(-2).sort()).toEqual(['stopped a', 'stopped b']);
  expect(lines).not.toContain('running c');
  const states = readdirSync(join(dir, 'units/a/run')).filter((name) => name.endsWith('.limnstate')).length;
  expect(await run(plan, 2)).toEqual(expect.arrayContaining(['done a', 'done b', 'done c']));
  expect(journal(dir)).toContain(`start units/a/run ${states}`);
  expect(journal(dir).filter((line) => /^[A-Z]/.test(line))).toEqual([]);
});

it('ends units that do not stop, when it is told so twice', async () => {
  const dir = folder();
  const { child, ended } = start(writeUnits(dir, [unit('a', 'stay')]));
  await until(() => journal(dir).includes('stay'));
  child.kill('SIGINT');
  await until(() => journal(dir).includes('asked'));
  child.kill('SIGINT');
  expect((await ended).lines.at(-1)).toBe('stopped a');
});

it('goes on after the runner was killed, with none of its units left behind', async () => {
  const dir = folder();
  const plan = writeUnits(dir, [training('a', 60)]);
  const first = start(plan);
  await until(() => existsSync(join(dir, 'units/a/run/3.limnstate')));
  first.child.kill('SIGKILL');
  const second = start(plan);
  const { lines } = await second.ended;
  expect(lines.at(-1)).toBe('done a');
  // The first one's unit noticed, wrote what it had and ended; only then did the second begin.
  const notes = journal(dir);
  expect(notes.filter((line) => line.startsWith('start'))).toHaveLength(2);
  const stopped = Number(
    notes
      .find((line) => line.startsWith('stop'))
      ?.split(' ')
      .at(-1),
  );
  expect(notes).toContain(`start units/a/run ${stopped}`);
  expect(notes.filter((line) => /^[A-Z]/.test(line))).toEqual([]);
});

it('begins anew where a unit was killed before its first snapshot', async () => {
  const dir = folder();
  const plan = writeUnits(dir, [training('a', 2)]);
  const first = start(plan);
  await until(() => existsSync(join(dir, 'units/a/run')));
  const worker = readdirSync(join(dir, 'units/a')).find((name) => name.startsWith('lock'))!;
  await until(() => 'worker' in JSON.parse(readFileSync(join(dir, 'units/a', worker), 'utf8')));
  first.child.kill('SIGKILL');
  await first.ended;
  expect((await run(plan)).at(-1)).toBe('done a');
});

it('shares a plan among processes that start at once, none of which does the work of another', async () => {
  const dir = folder();
  const units = Array.from({ length: 12 }, (_, i) => unit(`u${i}`, 'write $/out 30'));
  const last = unit('last', 'write $/out', { needs: units.map(({ id }) => id) });
  const plan = writeUnits(dir, [...units, last]);
  const all = await Promise.all(Array.from({ length: 4 }, () => run(plan, 2)));
  for (const lines of all) {
    expect(lines.filter((line) => line.startsWith('done'))).toHaveLength(13);
  }
  expect(journal(dir).sort()).toEqual([...units, last].map(({ name }) => `write units/${name}/out`).sort());
});

it('makes every step once, whenever runners are killed', async () => {
  const dir = folder();
  const plan = writeUnits(dir, [training('a', 30), training('b', 30), training('c', 30)]);
  for (let i = 0; i < 5; i++) {
    const both = [start(plan, 2), start(plan, 2)];
    const before = journal(dir).length;
    await until(() => journal(dir).length > before || both.every(({ child }) => child.exitCode !== null));
    await new Promise((resolve) => setTimeout(resolve, 60 + 40 * i));
    for (const { child } of both) child.kill('SIGKILL');
    await Promise.all(both.map(({ ended }) => ended));
  }
  const lines = await run(plan, 2);
  expect(lines).not.toContain('failed');
  for (const name of ['a', 'b', 'c'])
    expect(lines.some((line) => line.startsWith(`done ${name}`))).toBe(true);
  const notes = journal(dir);
  expect(notes.filter((line) => /^[A-Z]/.test(line))).toEqual([]);
  for (const name of ['a', 'b', 'c']) {
    const log = readFileSync(join(dir, `units/${name}/run/log.jsonl`), 'utf8')
      .trim()
      .split('\n');
    expect(log.map((line) => JSON.parse(line).iteration)).toEqual(
      Array.from({ length: 30 }, (_, i) => i + 1),
    );
  }
});

it('fails where the folder of the plan goes while its units run', async () => {
  const dir = join(folder(), 'plan');
  mkdirSync(dir);
  const plan = writeUnits(dir, [unit('a', 'write $/out', { outputs: [] })]);
  const leaving: Executor = {
    attempt: async () => {
      renameSync(dir, `${dir}-aside`);
      return { kind: 'lost' };
    },
  };
  const stop = new AbortController();
  const on = ({ kind, ...event }: RunPlanEvent) => {
    if (kind === 'change' && 'change' in event && event.change.state === 'elsewhere') stop.abort();
  };
  await expect(runPlan({ plan, workers: 1 }, leaving, { on, stop: stop.signal })).rejects.toThrow(
    `${plan}: its folder was removed or replaced while its units ran`,
  );
});

it('says what the system says of a unit in its own words', async () => {
  const plan = writeUnits(folder(), [unit('a', 'write $/out')]);
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  const { units } = await runPlan({ plan, workers: 1 }, { attempt: () => Promise.reject(full) });
  expect(units).toMatchObject([
    { state: 'failed', what: expect.stringContaining('no space left on the disk; ') },
  ]);
});
