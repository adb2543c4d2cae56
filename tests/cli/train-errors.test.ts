import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parseImageList } from '../../src/data/lists/imagelist.ts';
import { buildLmdb } from '../../src/data/lmdb/lmdb.node.ts';
import { folder, limn, main } from './limn.ts';
import { sandbox } from './training.ts';

/* Whatever goes wrong between the opening of the data and the end of a training: the process ends, and says why. */

let origin: string;

beforeAll(async () => {
  origin = await sandbox({ max_iter: '2', display: '1', test_interval: '2', snapshot: '2' });
  const database = (name: string, list: string) =>
    buildLmdb(parseImageList(list, name), join(origin, name), { images: origin });
  const good = readFileSync(join(origin, 'train.txt'), 'utf8');
  await database('good_lmdb', good);
  await database('bad_lmdb', good.replace('5.png 1', '5.png 2'));
  // Of so many, some are looked at beforehand; the second is none of them.
  const many = good
    .trimEnd()
    .split('\n')
    .concat(...Array.from({ length: 9 }, () => good.trimEnd().split('\n')));
  await database('late_lmdb', many.map((line, i) => (i === 1 ? '1.png 7' : line)).join('\n'));
  const { code, stderr } = await limn(['train', '--solver', 'solver.prototxt', '-o', 'run'], origin);
  expect(code, stderr).toBe(0);
}, 120_000);

/** A copy of the sandbox, changed. */
function changed(change: (edit: Edit, dir: string) => void): string {
  const dir = folder();
  cpSync(origin, dir, { recursive: true });
  change((file, from, to) => {
    const before = readFileSync(join(dir, file), 'utf8');
    const after = before.replace(from, to);
    expect(after).not.toBe(before);
    writeFileSync(join(dir, file), after);
  }, dir);
  return dir;
}

type Edit = (file: string, from: string | RegExp, to: string) => void;
type Change = Parameters<typeof changed>[0];

const net = 'train_val.prototxt';
const nothing: Change = () => {};
const weights =
  (change: (bytes: Buffer) => Uint8Array): Change =>
  (_, dir) =>
    writeFileSync(join(dir, 'w.caffemodel'), change(readFileSync(join(dir, 'run/tiny_iter_2.caffemodel'))));
const cut =
  (file: string): Change =>
  (_, dir) => {
    const bytes = readFileSync(join(dir, file));
    writeFileSync(join(dir, file), bytes.subarray(0, bytes.length - 40));
  };
/** The data layer of a phase reads a database. */
const lmdb =
  (phase: 'TRAIN' | 'TEST', name: string): Change =>
  (edit) => {
    const layer = new RegExp(
      `type: "ImageData"(.*\\s+include { phase: ${phase} }[\\s\\S]*?)image_data_param {.*?}`,
    );
    edit(net, layer, `type: "Data"$1data_param { source: "${name}" batch_size: 6 backend: LMDB }`);
  };

const from = (...words: string[]): string[] => ['-o', 'new', ...words];

const errors: readonly (readonly [what: string, change: Change, words: string[], message: RegExp])[] = [
  ['a solver that is not there', nothing, from('--solver', 'none.prototxt'), /none\.prototxt: no such file/],
  [
    'a network that is not there',
    nothing,
    from('--set', 'net=none.prototxt'),
    /net: 'none\.prototxt' is not there/,
  ],
  [
    'a network that is none',
    (edit) => edit(net, 'kernel_size: 5', 'kernel: 5'),
    from(),
    /unknown field kernel/,
  ],
  ['a list that is not there', nothing, from('--map', 'train.txt=none.txt'), /none\.txt/],
  ['a list of tests that is not there', nothing, from('--map', 'val.txt=none.txt'), /none\.txt/],
  [
    'a missing picture',
    (_, dir) => rmSync(join(dir, '7.png')),
    from(),
    /train\.txt: 1 of 24 pictures is missing/,
  ],
  ['a first picture that is cut off', cut('0.png'), from(), /0\.png/],
  ['a later picture that is cut off', cut('23.png'), from('--set', 'max_iter=8'), /23\.png/],
  ['a database that is none', lmdb('TRAIN', 'run'), from(), /run: no LMDB database/],
  [
    'a mean that is not there',
    (edit) => edit(net, 'mean_value: 110', 'mean_file: "mean.binaryproto"'),
    from(),
    /mean_file: 'mean\.binaryproto' is not there .*, or make it of the pictures to train with/,
  ],
  [
    'a mean that is none',
    (edit) => edit(net, 'mean_value: 110', 'mean_file: "train.txt"'),
    from(),
    /train\.txt: a text file, not a \.binaryproto/,
  ],
  [
    'a network without data layers',
    (edit) =>
      edit(
        net,
        /\nlayer \{\n {2}name: "data"[\s\S]*?\n\}\n\nlayer \{\n {2}name: "data"[\s\S]*?\n\}\n/,
        '\ninput: "data"\n',
      ),
    from(),
    /train_val\.prototxt: no data layer takes part, so there is nothing to train or test on; add a layer/,
  ],
  [
    'a Python layer for data',
    (edit) => edit(net, 'type: "ImageData"', 'type: "Python" python_param { module: "m" layer: "L" }'),
    from(),
    /layer 'data': it makes data by Python code \(class L of module m\), which limn does not run; use Data/,
  ],
  [
    'a layer after the data that does not fit',
    (edit) => edit(net, 'bottom: "norm1"', 'bottom: "norm2"'),
    from(),
    /layer 'pool1': its bottom 'norm2' is made by no layer/,
  ],
  ['an unknown filler', (edit) => edit(net, '"xavier"', '"savier"'), from(), /savier/],
  [
    'weights that are not there',
    nothing,
    from('--weights', 'none.caffemodel'),
    /none\.caffemodel: no such file/,
  ],
  [
    'weights that are cut off',
    weights((bytes) => bytes.subarray(0, bytes.length - 100)),
    from('--weights', 'w.caffemodel'),
    /w\.caffemodel: .*byte/,
  ],
  [
    'weights of another shape',
    (edit) => edit(net, 'num_output: 10', 'num_output: 11'),
    from('--weights', 'run/tiny_iter_2.caffemodel'),
    /tiny_iter_2\.caffemodel: layer 'fc2': blob 0: it is \[10,54\], the network's is \[11,54\]/,
  ],
  [
    'a state as weights',
    nothing,
    from('--weights', 'run/tiny_iter_2.solverstate'),
    /tiny_iter_2\.solverstate: it is the state of a training, which holds no weights; .*--snapshot/,
  ],
  [
    'weights as a state',
    nothing,
    from('--snapshot', 'run/tiny_iter_2.caffemodel'),
    /it holds weights alone, no state of a training to go on from; go on from run\/tiny_iter_2\.limnstate/,
  ],
  [
    'a state that is cut off',
    cut('run/tiny_iter_2.solverstate'),
    from('--snapshot', 'run'),
    /no whole snapshot/,
  ],
  [
    'a state of another network',
    (edit) => edit(net, 'num_output: 10', 'num_output: 11'),
    from('--snapshot', 'run'),
    /shape 10×54, the network has 11×54/,
  ],
  ['a run folder that is a file', (_, dir) => writeFileSync(join(dir, 'new'), ''), from(), /new: /],
  [
    'a log that cannot be written',
    (_, dir) => mkdirSync(join(dir, 'new/clock.jsonl'), { recursive: true }),
    from(),
    /new\/clock\.jsonl: /,
  ],
  [
    'a label of a list that is too large',
    (edit) => edit('train.txt', '9.png 1', '9.png 2'),
    from(),
    /train\.txt, 9\.png: the label 2 is none of the 2 classes of layer 'loss'; labels go from 0 to 1: correct/,
  ],
  [
    'a label of a list of tests that is too large',
    (edit) => edit('val.txt', '3.png 1', '3.png 12'),
    from(),
    /val\.txt, 3\.png: the label 12 is none of the 2 classes of layer 'accuracy'; labels go from 0 to 1/,
  ],
  [
    'labels that count from 1',
    (edit) => {
      for (let i = 0; i < 24; i++)
        edit('train.txt', new RegExp(`^(${i}\\.png) ${i % 2}$`, 'm'), `$1 ${(i % 2) + 1}`);
    },
    from(),
    /train\.txt, 1\.png: the label 2 .*; labels count from 0, and these from 1: subtract 1 from each/,
  ],
  [
    'a label of a database',
    lmdb('TRAIN', 'bad_lmdb'),
    from(),
    /bad_lmdb\/data\.mdb, 00000005_5\.png: the label 2/,
  ],
  [
    'a label of a test database',
    lmdb('TEST', 'bad_lmdb'),
    from(),
    /bad_lmdb\/data\.mdb, 00000005_5\.png: the label 2/,
  ],
  [
    'a label that shows late',
    lmdb('TRAIN', 'late_lmdb'),
    from(),
    /late_lmdb\/data\.mdb, entry 1: the label 7/,
  ],
  [
    'a label that shows late in a test',
    lmdb('TEST', 'late_lmdb'),
    from(),
    /late_lmdb\/data\.mdb, entry 1: the label 7/,
  ],
];

describe('limn train ends', { timeout: 120_000 }, () => {
  it.concurrent.each(errors)('at %s', async (_, change, words, message) => {
    const { code, stdout, stderr } = await limn(
      ['train', '--solver', 'solver.prototxt', ...words],
      changed(change),
    );
    expect(stdout).toBe('');
    const lines = stderr.trim().split('\n');
    expect(lines.at(-1)).toMatch(message);
    // One message, by the command line: no stack, no bug.
    expect(lines.filter((line) => /^\s+at |unexpected|bug in limn/.test(line))).toEqual([]);
    expect(lines.at(-1)).toMatch(/^limn: /);
    expect(code).toBe(1);
  });

  it('with a database as with a list', async () => {
    const dir = changed((edit, at) => {
      lmdb('TRAIN', 'good_lmdb')(edit, at);
      lmdb('TEST', 'good_lmdb')(edit, at);
    });
    const { code, stderr } = await limn(['train', '--solver', 'solver.prototxt', ...from()], dir);
    expect(code, stderr).toBe(0);
  });
});

describe('limn test ends', { timeout: 120_000 }, () => {
  const words = ['test', '--model', net, '--iterations', '4', '--weights', 'run/tiny_iter_2.caffemodel'];

  it.concurrent.each<[string, Change, string[], RegExp]>([
    [
      'a label of a list',
      (edit) => edit('val.txt', '3.png 1', '3.png 2'),
      [],
      /val\.txt, 3\.png: the label 2/,
    ],
    ['a label of a database', lmdb('TEST', 'bad_lmdb'), [], /00000005_5\.png: the label 2/],
    ['a label that shows late', lmdb('TEST', 'late_lmdb'), [], /late_lmdb\/data\.mdb, entry 1: the label 7/],
    [
      'a label that shows late, on one thread',
      lmdb('TEST', 'late_lmdb'),
      ['--threads', '1'],
      /entry 1: the label 7/,
    ],
    ['a picture that is cut off', cut('7.png'), [], /7\.png/],
    ['weights of another shape', (edit) => edit(net, 'num_output: 10', 'num_output: 11'), [], /blob 0/],
  ])('at %s', async (_, change, more, message) => {
    const { code, stderr } = await limn([...words, ...more], changed(change));
    const lines = stderr.trim().split('\n');
    expect(lines.at(-1)).toMatch(message);
    expect(lines.filter((line) => /^\s+at |unexpected/.test(line))).toEqual([]);
    expect(code).toBe(1);
  });
});

describe('a signal', { timeout: 120_000 }, () => {
  /** Starts a training and sends signals once it says something. */
  async function signalled(at: RegExp, signals: readonly NodeJS.Signals[], words: readonly string[]) {
    const child = spawn(process.execPath, [main, 'train', '--solver', 'solver.prototxt', ...words], {
      cwd: changed(nothing),
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    let sent = false;
    child.stderr.on('data', (chunk) => {
      said += chunk;
      if (sent || !at.test(said)) return;
      sent = true;
      for (const signal of signals) child.kill(signal);
    });
    return new Promise<{ code: number | null; by: NodeJS.Signals | null; said: string }>((resolve) => {
      child.once('close', (code, by) => resolve({ code, by, said }));
    });
  }

  it('ends a training that has not begun, with nothing to save', async () => {
    const { code, by, said } = await signalled(/filled anew/, ['SIGTERM'], from('--set', 'max_iter=100000'));
    // It may just have begun.
    expect(by ?? code, said).toBe(code === null ? 'SIGTERM' : 143);
  });

  it('of a second kind ends it at once', async () => {
    const words = from('--set', 'max_iter=100000', '--set', 'display=1');
    const { by, said } = await signalled(/Iteration 3,/, ['SIGINT', 'SIGTERM'], words);
    // Two that wait together are delivered in either order.
    expect(['SIGINT', 'SIGTERM'], said).toContain(by);
    const first = by === 'SIGTERM' ? 'SIGINT' : 'SIGTERM';
    expect(said).toContain(
      `${first}: a snapshot after this iteration, then the end; a second one ends at once`,
    );
  });
});

describe('an error that nothing awaits', { timeout: 120_000 }, () => {
  it.each(['Promise.reject(new Error("boom"))', 'throw new Error("boom")'])(
    'ends with a message: %s',
    async (fault) => {
      const script = `import { isMainThread } from 'node:worker_threads'; if (isMainThread) setTimeout(() => { ${fault} }, 300);`;
      const url = `data:text/javascript,${encodeURIComponent(script)}`;
      const words = ['train', '--solver', 'solver.prototxt', ...from('--set', 'max_iter=100000', '--quiet')];
      const { code, stderr } = await limn(words, changed(nothing), { NODE_OPTIONS: `--import=${url}` });
      expect(stderr).toBe('limn: unexpected error: boom; this is a bug in limn: --verbose shows where\n');
      expect(code).toBe(1);
    },
  );
});
