import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { limn, main } from './limn.ts';
import { resultOf, sandbox } from './training.ts';

const train = ['train', '--solver', 'solver.prototxt', '--threads', '2'];

describe('limn train', { timeout: 300_000 }, () => {
  let dir: string;
  beforeAll(async () => {
    dir = await sandbox();
    const { code, stdout, stderr } = await limn([...train, '-o', 'straight'], dir);
    expect(stderr).toContain('Optimization Done.');
    expect(code, stderr).toBe(0);
    expect(stdout).toMatch(/^trained 20 iterations in .*: straight\/tiny_iter_20\.caffemodel\n$/);
  }, 120_000);

  const begin = (words: readonly string[]): ChildProcess =>
    spawn(process.execPath, [main, ...train, ...words], { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });

  /** Ends a run by a signal once its log says so. */
  async function stopped(words: readonly string[], at: RegExp, signal: NodeJS.Signals, later = 0) {
    const child = begin(words);
    let said = '';
    let sent = false;
    child.stderr!.on('data', (chunk) => {
      said += chunk;
      if (sent || !at.test(said)) return;
      sent = true;
      setTimeout(() => child.kill(signal), later);
    });
    const how = await new Promise<{ code: number | null; by: NodeJS.Signals | null }>((resolve) => {
      child.once('close', (code, by) => resolve({ code, by }));
    });
    return { ...how, said };
  }

  it('learns, and writes what Caffe would', async () => {
    const run = join(dir, 'straight');
    const [first, ...others] = readFileSync(join(run, 'log.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const trained = [first, ...others].filter(({ event }) => event === 'train');
    expect(trained.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 21 }, (_, i) => i));
    expect(trained.at(-1).loss).toBeLessThan(0.6 * trained[0].loss);
    const tests = [first, ...others].filter(({ event }) => event === 'test');
    expect(tests.map(({ iteration }) => iteration)).toEqual([0, 6, 12, 18]);
    expect(
      readdirSync(run)
        .filter((name) => name.endsWith('.limnstate'))
        .sort(),
    ).toEqual([12, 16, 20, 4, 8].map((n) => `tiny_iter_${n}.limnstate`));
    const log = readFileSync(join(run, 'train.log'), 'utf8');
    expect(log).toMatch(/^I\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ limn:1\] Iteration 8, lr = 0\.005$/m);
    expect(log).toMatch(/\] {5}Test net output #0: accuracy = /);
  });

  it('says once what people should know: on the terminal, in the log, as JSON', async () => {
    const text =
      'test net #0 shows 18 pictures (test_iter 3 × batch_size 6) of the 8 in val.txt, each 2.25 times; test_iter: 2 shows each once';
    const words = ['--set', 'max_iter=2', '--set', 'snapshot_format=HDF5', '--json', '-o', 'noted'];
    const { code, stdout, stderr } = await limn([...train, ...words], dir);
    expect(code, stderr).toBe(0);
    expect(stderr.split(`limn: ${text}\n`)).toHaveLength(2);
    expect(stderr).toContain(
      'limn: solver.prototxt: snapshot_format: HDF5 is not written; snapshots are BINARYPROTO',
    );
    expect(existsSync(join(dir, 'noted', 'tiny_iter_2.caffemodel'))).toBe(true);
    const { notes } = JSON.parse(stdout);
    expect(notes.map(({ kind }: { kind: string }) => kind)).toEqual(['snapshot-format', 'test-repeats']);
    const events = readFileSync(join(dir, 'noted', 'log.jsonl'), 'utf8')
      .trim()
      .split('\n');
    const logged = events.map((line) => JSON.parse(line)).filter(({ event }) => event === 'note');
    expect(logged.map(({ note }) => note)).toEqual(notes);
    expect(logged[1]).toMatchObject({ iteration: 0, text });
  });

  it('gives the same to the last bit again, and another with another seed', async () => {
    await limn([...train, '-o', 'again'], dir);
    expect(resultOf(join(dir, 'again'))).toEqual(resultOf(join(dir, 'straight')));
    await limn([...train, '--seed', '8', '-o', 'other'], dir);
    expect(resultOf(join(dir, 'other')).weights).not.toBe(resultOf(join(dir, 'straight')).weights);
  });

  it.each([
    ['after iteration 7', /Iteration 7, lr/, 0],
    ['while it writes a snapshot', /Snapshotting solver state .*iter_8/, 0],
    ['a moment after a snapshot', /Snapshotting solver state .*iter_12/, 15],
    ['during a test', /Iteration 6, Testing/, 0],
  ])('goes on to the last bit when it was killed %s', async (what, at, later) => {
    const run = `killed-${what.replace(/\W/g, '-')}`;
    const { by } = await stopped(['-o', run], at, 'SIGKILL', later);
    expect(by).toBe('SIGKILL');
    const { code, stderr } = await limn([...train, '--snapshot', run, '-o', run], dir);
    expect(code, stderr).toBe(0);
    expect(resultOf(join(dir, run))).toEqual(resultOf(join(dir, 'straight')));
  });

  it('stops with a snapshot at SIGINT and goes on from it in another folder', async () => {
    const { code, said } = await stopped(['-o', 'asked'], /Iteration 5, lr/, 'SIGINT');
    expect(code).toBe(130);
    expect(said).toContain('SIGINT: a snapshot after this iteration');
    const states = readdirSync(join(dir, 'asked')).filter((name) => name.endsWith('.limnstate'));
    expect(states).toHaveLength(2);
    const newest = states.map((name) => Number(/_(\d+)\./.exec(name)![1])).sort((a, b) => b - a)[0];
    expect(newest).toBeGreaterThan(5);
    const words = ['--snapshot', `asked/tiny_iter_${newest}.solverstate`, '-o', 'elsewhere'];
    expect((await limn([...train, ...words], dir)).code).toBe(0);
    expect(resultOf(join(dir, 'elsewhere'))).toEqual(resultOf(join(dir, 'straight')));
  });

  it('writes a snapshot at SIGHUP and goes on', async () => {
    // No snapshot but this and the last one: how soon the signal is heard depends on what else the machine does.
    const words = ['--set', 'snapshot=1000', '-o', 'hung-up'];
    const { code } = await stopped(words, /Iteration 9, lr/, 'SIGHUP');
    expect(code).toBe(0);
    expect(readdirSync(join(dir, 'hung-up')).filter((name) => name.endsWith('.limnstate')).length).toBe(2);
    expect(resultOf(join(dir, 'hung-up'))).toEqual(resultOf(join(dir, 'straight')));
  });

  it('keeps the snapshot before when the disk is full', async () => {
    // A file may not be larger than four blocks of 1024 bytes: less than a snapshot of these weights, more than the logs.
    const quiet = ['--set', 'display=0', '--set', 'test_interval=100'];
    const words = [...train, ...quiet, '--set', 'max_iter=8', '-o', 'full']
      .map((word) => `'${word}'`)
      .join(' ');
    await limn([...train, ...quiet, '--set', 'max_iter=4', '-o', 'full'], dir);
    const before = resultOf(join(dir, 'full'), 4);
    const shell = `ulimit -f 4; exec '${process.execPath}' '${main}' ${words} --snapshot full`;
    const said = await new Promise<string>((resolve) => {
      const child = spawn('bash', ['-c', shell], { cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
      let text = '';
      child.stderr.on('data', (chunk) => {
        text += chunk;
      });
      child.once('close', () => resolve(text));
    });
    expect(said).toMatch(
      /no snapshot of iteration 8, that of 4 is whole.*--snapshot full\/tiny_iter_4\.limnstate/,
    );
    expect(existsSync(join(dir, 'full', 'tiny_iter_8.limnstate'))).toBe(false);
    expect(readdirSync(join(dir, 'full')).filter((name) => name.includes('.tmp'))).toEqual([]);
    const { weights, momenta } = resultOf(join(dir, 'full'), 4);
    expect({ weights, momenta }).toEqual({ weights: before.weights, momenta: before.momenta });
  });

  it('fine-tunes from a snapshot by layer name and says which layers', async () => {
    const renamed = readFileSync(join(dir, 'train_val.prototxt'), 'utf8').replaceAll('"fc3"', '"new"');
    writeFileSync(join(dir, 'renamed.prototxt'), renamed);
    const words = [
      '--set',
      'net=renamed.prototxt',
      '--set',
      'max_iter=1',
      '--weights',
      'straight/tiny_iter_20.caffemodel',
    ];
    const { code, stderr } = await limn([...train, ...words, '-o', 'tuned'], dir);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('copied from straight/tiny_iter_20.caffemodel: conv1, fc2');
    expect(stderr).toContain('filled anew: new');
    expect(stderr).toContain('fc3');
  });

  it('says at which iteration and layer a loss went off, and keeps the last snapshot', async () => {
    const words = ['--set', 'base_lr=1e30', '--set', 'lr_policy=fixed', '--set', 'snapshot=1', '-o', 'off'];
    const { code, stderr } = await limn([...train, ...words], dir);
    expect(code).toBe(1);
    expect(stderr).toMatch(/limn: iteration \d+: .*layer '.*'/);
    const [newest] = readdirSync(join(dir, 'off'))
      .filter((name) => name.endsWith('.caffemodel'))
      .sort()
      .reverse();
    expect(
      (
        await limn(
          ['test', '--model', 'train_val.prototxt', '--weights', `off/${newest}`, '--iterations', '1'],
          dir,
        )
      ).code,
    ).toBe(0);
  });

  it.each<[string, string[], RegExp]>([
    ['a run that is there', ['-o', 'straight'], /straight: it holds a snapshot of iteration 20 already/],
    [
      'weights beside a snapshot',
      ['--snapshot', 'straight', '--weights', 'x', '-o', 'x'],
      /a snapshot has its own weights/,
    ],
    [
      'another seed',
      ['--snapshot', 'straight', '--seed', '3', '-o', 'straight'],
      /the snapshot was made with 7/,
    ],
    ['a field that solvers do not have', ['--set', 'max_iters=3', '-o', 'x'], /max_iters/],
    ['data that is not there', ['--map', 'train.txt=none.txt', '-o', 'x'], /none\.txt/],
    ['another solver', ['--set', 'type=Adam', '--snapshot', 'straight', '-o', 'y'], /SGD/],
  ])('refuses %s', async (_, words, message) => {
    const { code, stderr } = await limn([...train, ...words], dir);
    expect(code).toBeGreaterThan(0);
    expect(stderr.trim().split('\n').at(-1)).toMatch(message);
  });

  it('tests what it trained', async () => {
    const words = ['--model', 'train_val.prototxt', '--weights', 'straight/tiny_iter_20.caffemodel'];
    const { code, stdout } = await limn(['test', ...words, '--iterations', '4'], dir);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Batch 0, accuracy = /);
    expect(stdout).toMatch(/\nLoss: 0\.\d+\naccuracy = (1|0\.\d+)\nloss = 0\.\d+ \(\* 1 = 0\.\d+ loss\)\n$/);
  });

  it('tests the same as an .onnx model on the same pictures', async () => {
    const weights = 'straight/tiny_iter_20.caffemodel';
    // Photos are decoded, scaled and cut as the data layer does; the softmax is what is left of the loss.
    const preprocessing = ['--mean', '110', '--scale', '0.02', '--resize', '20'];
    const imported = ['import', 'caffe', 'train_val.prototxt', weights, ...preprocessing, '-o', 'tiny.onnx'];
    const made = await limn(imported, dir);
    expect(made.code, made.stderr).toBe(0);
    // 4 batches of 6 are three times the 8 pictures.
    const measured = async (words: readonly string[]) => {
      const { code, stdout, stderr } = await limn(['test', ...words, '--iterations', '4', '--json'], dir);
      expect(code, stderr).toBe(0);
      const { loss, outputs } = JSON.parse(stdout);
      return { loss, accuracy: outputs.find(({ name }: { name: string }) => name === 'accuracy').value };
    };
    const net = await measured(['--model', 'train_val.prototxt', '--weights', weights]);
    const model = await measured(['--model', 'tiny.onnx', '--data', 'val.txt', '--batch', '6']);
    expect(model.accuracy).toBeCloseTo(net.accuracy, 6);
    expect(model.loss).toBeCloseTo(net.loss, 5);
    for (const [words, message] of [
      [['--model', 'tiny.onnx'], /names no data/],
      [['--model', 'tiny.onnx', '--data', 'val.txt', '--weights', weights], /has its own/],
      [['--model', 'train_val.prototxt'], /has none of its own/],
    ] as const) {
      const { code, stderr } = await limn(['test', ...words], dir);
      expect(code).toBe(2);
      expect(stderr).toMatch(message);
    }
  });

  it('starts anew where a run ended before its first snapshot, and ends at once where one is complete', async () => {
    await stopped(['-o', 'early'], /Iteration 1, lr/, 'SIGKILL');
    const { code, stderr } = await limn([...train, '-o', 'early'], dir);
    expect(code, stderr).toBe(0);
    expect(resultOf(join(dir, 'early'))).toEqual(resultOf(join(dir, 'straight')));
    const again = await limn([...train, '--snapshot', 'early', '-o', 'early'], dir);
    expect(again.code, again.stderr).toBe(0);
    expect(resultOf(join(dir, 'early'))).toEqual(resultOf(join(dir, 'straight')));
  });
});
