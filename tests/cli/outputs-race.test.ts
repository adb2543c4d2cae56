import { spawn } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hold } from '../../src/common/hold.node.ts';
import { deadProcess } from '../common/temporary.ts';
import { until } from '../plan/units.ts';
import { filesIn, fixtures, limn, main, type Outcome } from './limn.ts';
import { sandbox } from './training.ts';

let dir = '';
const path = (name: string) => join(dir, name);

beforeAll(async () => {
  dir = await fixtures();
  cpSync(await sandbox({ max_iter: '40', test_iter: '1', snapshot: '10' }), dir, { recursive: true });
  for (const label of ['ant', 'bee', 'cat']) {
    mkdirSync(path(`faces/${label}`), { recursive: true });
    for (let i = 0; i < 40; i++) copyFileSync(path('photo.png'), path(`faces/${label}/${i}.png`));
  }
  const photos = Array.from(
    { length: 120 },
    (_, i) => `${['ant', 'bee', 'cat'][i % 3]}/${Math.floor(i / 3)}.png`,
  );
  writeFileSync(path('faces.txt'), photos.map((photo, i) => `${photo} ${i % 3}\n`).join(''));
}, 120_000);

const photos = Array.from({ length: 6 }, (_, i) => `faces/ant/${i}.png`);

/** Every command that works for long in a folder of its own: OUT. The lock of a database lies beside it. */
const commands: readonly (readonly [command: string, lock?: string])[] = [
  ['train --solver solver.prototxt -o OUT --quiet --threads 1'],
  ['data lmdb faces.txt --images faces -o OUT --resize 96', '.OUT.lock'],
  ['data square faces -o OUT'],
  [`explain net.onnx ${photos.join(' ')} -o OUT --raw npy`],
  ['evaluate net.onnx faces.txt --images faces -o OUT --batch 4'],
  [`grid net.onnx --photos ${photos.slice(0, 3).join(' ')} -o OUT`],
  ['grid net.onnx --means faces --by label -o OUT'],
];
const named = commands.map(([command, lock = 'OUT/.limn-lock'], i) => ({ command, lock, i }));

/** What must be the same however a command was disturbed: all but times. */
function contents(folder: string): Map<string, string> {
  const names = filesIn(folder).filter((name) => !/clock\.jsonl|train\.log|limnstate/.test(name));
  return new Map(
    names.map((name) => {
      const text = readFileSync(join(folder, name), 'latin1');
      return [name, name.endsWith('.json') ? text.replaceAll(/"[^"]*out-[^"]*"/g, '"path"') : text];
    }),
  );
}

/** A process of the command line, and its end. */
function start(words: readonly string[]): { kill(): void; ended: Promise<Outcome> } {
  const child = spawn(process.execPath, [main, ...words], { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const ended = new Promise<Outcome>((resolve) => {
    child.once('close', (code, by) => resolve({ code: code ?? by, stdout: '', stderr }));
  });
  return { kill: () => child.kill('SIGKILL'), ended };
}

describe.each(named)('limn $command', { timeout: 180_000 }, ({ command, lock, i }) => {
  const wordsFor = (out: string) => command.replaceAll('OUT', out).split(' ');
  const lockFor = (out: string) => path(lock.replaceAll('OUT', out));
  const locked = (out: string) =>
    existsSync(dirname(lockFor(out))) &&
    readdirSync(dirname(lockFor(out))).some((name) => /lock\.\d+$/.test(name) && !name.startsWith('..'));

  it('is refused at once where another process works, which is named', async () => {
    const out = `out-${i}-held`;
    mkdirSync(dirname(lockFor(out)), { recursive: true });
    const held = await hold(lockFor(out), out);
    const { code, stderr } = await limn(wordsFor(out), dir);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(
        new RegExp(
          `^limn: ${out}: in use by another process of limn: ${process.pid} on .*, since .*; wait for its end`,
        ),
      ),
    ]);
    await held.release();
    expect(filesIn(dir).filter((name) => name.startsWith(`${out}/`))).toEqual([]);
  });

  it('ends as one alone does when two of it race', async () => {
    const [alone, raced] = [`out-${i}-alone`, `out-${i}-raced`];
    const [by, ...both] = await Promise.all([alone, raced, raced].map((out) => start(wordsFor(out)).ended));
    expect(by.code, by.stderr).toBe(0);
    const expected = contents(path(alone));
    expect(expected.size).toBeGreaterThan(0);

    const [winner, other] = both.sort((a, b) => Number(a.code) - Number(b.code));
    expect(winner.code, winner.stderr).toBe(0);
    // The slower one may have come after the end of the first.
    if (other.code !== 0)
      expect(other.stderr).toMatch(/in use by another process|it holds a (training|snapshot)/);
    expect(contents(path(raced))).toEqual(expected);

    // tests/chaos kills the others.
    if (!/^data square|^grid .*--photos/.test(command)) return;
    const killed = `out-${i}-killed`;
    const first = start(wordsFor(killed));
    await until(() => locked(killed));
    first.kill();
    await first.ended;
    const again = await limn(wordsFor(killed), dir);
    expect(again.code, again.stderr).toBe(0);
    expect(contents(path(killed))).toEqual(expected);
    expect(filesIn(path(killed)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
  });

  it('fails when its folder vanishes while it works', async () => {
    const out = `out-${i}-gone`;
    const running = start(wordsFor(out));
    await until(() => locked(out));
    const folder = command.startsWith('data lmdb') ? `.${out}.part` : out;
    await until(() => existsSync(path(folder)));
    rmSync(path(folder), { recursive: true, maxRetries: 5 });
    const { code, stderr } = await running.ended;
    expect(code, stderr).toBe(1);
    expect(stderr).toMatch(/was removed|no such file or folder/);
    expect(filesIn(dir).filter((name) => name.startsWith(`${out}/`))).toEqual([]);
  });
});

it('takes over the lock of a process that is dead', async () => {
  mkdirSync(path('dead'));
  const { machine } = await import('../../src/common/process.node.ts');
  writeFileSync(
    path('dead/.limn-lock.1'),
    JSON.stringify({
      ...{ format: 'limn lock 1', token: 't', host: 'here', machine: machine() },
      runner: { pid: await deadProcess() },
    }),
  );
  expect(await limn(['explain', 'net.onnx', 'photo.jpg', '-o', 'dead'], dir)).toMatchObject({ code: 0 });
});

describe('an open file that vanishes is an error', { timeout: 120_000 }, () => {
  it.each([
    ['the log of a training', 'train --solver solver.prototxt -o OUT --quiet --threads 1', 'log.jsonl'],
    [
      'the journal of an evaluation',
      'evaluate net.onnx faces.txt --images faces -o OUT --batch 1',
      'unfinished.jsonl',
    ],
  ])('%s', async (_, command, file) => {
    const out = `open-${file}`;
    const running = start(command.replace('OUT', out).split(' '));
    await until(() => existsSync(path(`${out}/${file}`)));
    rmSync(path(`${out}/${file}`));
    const { code, stderr } = await running.ended;
    expect([code, stderr]).toEqual([1, expect.stringContaining(`${file}: was removed`)]);
  });
});
