import { execFileSync, spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hold } from '../../src/common/hold.node.ts';
import { beatFor, type Holder, holderOf, takeLock } from '../../src/common/lock.node.ts';
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

  it('shows signs of life by whoever was told of it, until another has it', async () => {
    const dir = folder();
    const { ref } = (await takeLock(join(dir, 'lock'), new Map()))!;
    utimesSync(join(dir, 'lock.1'), 1, 1);
    expect(await beatFor(JSON.parse(JSON.stringify(ref)))).toBe(true);
    expect(statSync(join(dir, 'lock.1')).mtimeMs).toBeGreaterThan(1000);
    lock(dir, 2, {});
    expect(await beatFor(ref)).toBe(false);
  });

  it.each([
    ['ahead', 3600],
    ['behind', -3600],
  ])(
    'of a machine whose clock is an hour %s is watched, and refused at the next sign of life',
    async (_, off) => {
      const dir = folder();
      lock(dir, 1, { machine: 'elsewhere' });
      const beat = (seconds: number) => {
        const time = Date.now() / 1000 + off + seconds;
        utimesSync(join(dir, 'lock.1'), time, time);
      };
      beat(0);
      const held = hold(join(dir, 'lock'), 'run');
      let over = false;
      const refused = expect(held.finally(() => (over = true))).rejects.toThrow(
        'run: in use by another process',
      );
      await new Promise((resolve) => setTimeout(resolve, 1000));
      // It is not known yet whether its owner lives.
      expect(over).toBe(false);
      beat(10);
      await refused;
      const stop = new AbortController();
      const stopped = expect(hold(join(dir, 'lock'), 'run', stop.signal)).rejects.toThrow('aborted');
      stop.abort();
      await stopped;
    },
  );

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

const library = new URL('../../dist/common/lock.node.js', import.meta.url).href;
const taker = new URL('./taker.mjs', import.meta.url).pathname;

it('is never two workers’, whenever those who began them are killed', async () => {
  const moments = fc.array(fc.option(fc.integer({ min: 0, max: 40 }), { nil: '' }), {
    minLength: 16,
    maxLength: 16,
  });
  await fc.assert(
    fc.asyncProperty(moments, async (all) => {
      const dir = folder();
      const left = [...all];
      const one = async () => {
        for (let moment = left.pop(); moment !== undefined; moment = left.pop()) {
          const child = spawn(process.execPath, [taker, library, dir, String(moment)], { stdio: 'inherit' });
          const by = await new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)));
          expect(by).toBe('SIGKILL');
        }
      };
      await Promise.all([one(), one(), one(), one()]);
      const last = await untilTaken(dir);
      const notes = existsSync(join(dir, 'notes')) ? readFileSync(join(dir, 'notes'), 'utf8') : '';
      expect(notes).not.toContain('TWICE');
      // Who was killed only once its worker had begun has one that worked.
      expect(notes.match(/work/g)?.length ?? 0).toBeGreaterThanOrEqual(
        all.filter((each) => each === '').length,
      );
      expect(existsSync(join(dir, 'busy'))).toBe(false);
      await last.release();
    }),
    { numRuns: 3 },
  );
});

/** The lock, once its last worker is gone. */
async function untilTaken(dir: string) {
  while (true) {
    const taken = await takeLock(join(dir, 'lock'), new Map());
    if (taken) return taken;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

// Python ends the first of two threads; the other one sleeps on.
const halfDead = `
import ctypes, platform, threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
print('ready', flush=True)
ctypes.CDLL(None).syscall({'x86_64': 60, 'aarch64': 93}[platform.machine()], 0)`;

it.runIf(process.platform === 'linux' && hasPython())(
  'is that of a process as long as any of its threads runs',
  async () => {
    const child = spawn('python3', ['-c', halfDead], { stdio: ['ignore', 'pipe', 'inherit'] });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const state = () => / (\w) /.exec(readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(')')[1])![1];
    while (state() !== 'Z') await new Promise((resolve) => setTimeout(resolve, 5));
    const ref = refTo(child.pid!);
    expect(isAlive(ref)).toBe(true);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
    expect(isAlive(ref)).toBe(false);
  },
);

function hasPython(): boolean {
  try {
    execFileSync('python3', ['-c', ''], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

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
