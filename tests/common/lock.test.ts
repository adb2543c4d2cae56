import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Holder, holderOf, takeLock } from '../../src/common/lock.node.ts';
import { isAlive, machine, refTo } from '../../src/common/process.node.ts';
import { folder } from '../cli/limn.ts';
import { deadProcess } from './temporary.ts';

const locks = (dir: string): string[] => readdirSync(dir).filter((name) => name.includes('lock'));

const lock = (dir: string, number: number, holder: Partial<Holder>): void =>
  writeFileSync(
    join(dir, `lock.${number}`),
    JSON.stringify({
      ...{ format: 'limn lock 1', token: `t${number}`, host: 'there', machine: machine() },
      runner: refTo(process.pid),
      ...holder,
    }),
  );

describe('a lock', () => {
  it('is one process’s until it is given back', async () => {
    const dir = folder();
    const first = await takeLock(join(dir, 'lock'), new Map());
    expect(first).toBeDefined();
    expect(await takeLock(join(dir, 'lock'), new Map())).toBeUndefined();
    expect(await first!.beat()).toBe(true);
    expect((await holderOf(join(dir, 'lock')))?.token).toBe(first!.token);
    await first!.release();
    expect(await holderOf(join(dir, 'lock'))).toBeUndefined();
    const second = await takeLock(join(dir, 'lock'), new Map());
    expect(second).toBeDefined();
    expect(await first!.beat()).toBe(false);
    // Whoever comes too late changes nothing.
    await first!.release();
    expect(await second!.beat()).toBe(true);
    expect(locks(dir)).toEqual(['lock.2']);
  });

  it('leaves nothing behind when it is discarded, unless it was taken over from a process that is gone', async () => {
    const dir = folder();
    for (let i = 0; i < 2; i++) {
      const taken = await takeLock(join(dir, 'lock'), new Map());
      expect(locks(dir)).toEqual(['lock.1']);
      expect(await takeLock(join(dir, 'lock'), new Map())).toBeUndefined();
      await taken!.discard();
      expect(locks(dir)).toEqual([]);
      // Whoever lost it does no harm to the next one.
      const next = await takeLock(join(dir, 'lock'), new Map());
      await taken!.discard();
      expect(await next!.beat()).toBe(true);
      await next!.discard();
    }
    lock(dir, 1, { runner: { pid: await deadProcess() } });
    const second = await takeLock(join(dir, 'lock'), new Map());
    await second!.discard();
    expect(locks(dir)).toEqual(['lock.2']);
    expect(await holderOf(join(dir, 'lock'))).toBeUndefined();
  });

  it('is lost by a process that is gone, unless its unit still runs', async () => {
    const dir = folder();
    const gone = { pid: await deadProcess() };
    lock(dir, 1, { runner: gone, worker: refTo(process.pid) });
    expect(await takeLock(join(dir, 'lock'), new Map())).toBeUndefined();
    lock(dir, 1, { runner: gone, worker: gone });
    expect(await takeLock(join(dir, 'lock'), new Map())).toBeDefined();
  });

  it('is lost by a process whose number another one has now', async () => {
    const dir = folder();
    const { pid, begun } = refTo(process.pid);
    expect(isAlive({ pid, ...(begun !== undefined && { begun }) })).toBe(true);
    lock(dir, 1, { runner: { pid, begun: '1' } });
    expect((await takeLock(join(dir, 'lock'), new Map())) !== undefined).toBe(begun !== undefined);
  });

  it('of another machine is lost once it shows no sign of life while one watches', async () => {
    const dir = folder();
    const seen = new Map();
    lock(dir, 1, { machine: 'elsewhere' });
    expect(await takeLock(join(dir, 'lock'), seen, 0)).toBeUndefined();
    lock(dir, 1, { machine: 'elsewhere', token: 'a sign' });
    expect(await takeLock(join(dir, 'lock'), seen, 0)).toBeUndefined();
    expect(await takeLock(join(dir, 'lock'), seen, 60_000)).toBeUndefined();
    expect(await takeLock(join(dir, 'lock'), seen, 0)).toBeDefined();
  });

  it('that is damaged is nobody’s once it stays so', async () => {
    const dir = folder();
    const seen = new Map();
    writeFileSync(join(dir, 'lock.1'), '{"form');
    expect(await takeLock(join(dir, 'lock'), seen, 0)).toBeUndefined();
    expect(await takeLock(join(dir, 'lock'), seen, 0)).toBeDefined();
  });

  it('stays with the later owner when someone acts on what was so before', async () => {
    const dir = folder();
    lock(dir, 5, { released: true });
    const owner = await takeLock(join(dir, 'lock'), new Map());
    expect(locks(dir)).toEqual(['lock.6']);
    // A process that saw lock.4 released, and then slept.
    lock(dir, 5, {});
    expect(await takeLock(join(dir, 'lock'), new Map())).toBeUndefined();
    expect(await owner!.beat()).toBe(true);
  });
});

it('gives a dead owner’s lock to one of many processes that want it at the same time, again and again', async () => {
  const dir = folder();
  const script = `
    import { existsSync, writeFileSync } from 'node:fs';
    const { takeLock } = await import(process.argv[1]);
    const [, , dir, rounds, me] = process.argv;
    process.stdout.write('ready\\n');
    while (!existsSync(dir + '/go')) await new Promise((resolve) => setTimeout(resolve, 2));
    for (let i = 0; i < Number(rounds); i++) {
      if (await takeLock(dir + '/' + i + '/lock', new Map())) writeFileSync(dir + '/' + i + '/won-' + me, '');
    }
    // Who is gone loses what it has.
    process.stdout.write('done\\n');
    while (!existsSync(dir + '/end')) await new Promise((resolve) => setTimeout(resolve, 10));`;
  const rounds = 40;
  const gone = { pid: await deadProcess() };
  for (let i = 0; i < rounds; i++) {
    mkdirSync(join(dir, String(i)));
    lock(join(dir, String(i)), 3, { runner: gone });
  }
  const library = new URL('../../dist/common/lock.node.js', import.meta.url).href;
  const racers = Array.from({ length: 4 }, (_, me) =>
    spawn(process.execPath, ['--input-type=module', '-e', script, library, dir, String(rounds), String(me)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    }),
  );
  const said = (racer: (typeof racers)[number], word: string) =>
    new Promise<void>((resolve) =>
      racer.stdout.on('data', (data) => {
        if (String(data).includes(word)) resolve();
      }),
    );
  const done = racers.map((racer) => said(racer, 'done'));
  const ended = racers.map((racer) => new Promise((resolve) => racer.once('exit', resolve)));
  await Promise.all(racers.map((racer) => said(racer, 'ready')));
  writeFileSync(join(dir, 'go'), '');
  await Promise.all(done);
  for (let i = 0; i < rounds; i++) {
    const names = readdirSync(join(dir, String(i)));
    expect(names.filter((name) => name.startsWith('won-'))).toHaveLength(1);
    expect(names.filter((name) => name.includes('lock'))).toEqual(['lock.4']);
  }
  writeFileSync(join(dir, 'end'), '');
  await Promise.all(ended);
});
