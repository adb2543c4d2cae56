import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readMean } from '../../src/caffe/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { gradient, savePicture } from '../data/pictures.ts';
import { describeShared, shared } from '../shared.ts';
import { filesIn, folder, limn } from './limn.ts';

const dir = folder();

beforeAll(async () => {
  for (const n of [0, 1, 2, 3]) await savePicture(dir, `faces/${n}.jpg`, gradient(20, 14 + n, n));
  writeFileSync(join(dir, 'a.txt'), 'faces/0.jpg 0\nfaces/1.jpg 1\nfaces/2.jpg 1\n');
  mkdirSync(join(dir, 'more'));
  writeFileSync(join(dir, 'more/b.txt'), 'faces/3.jpg 2\nfaces/2.jpg 1\n');
  writeFileSync(join(dir, 'gone.txt'), 'faces/0.jpg 0\nfaces/x.jpg 1\nfaces/y.jpg 1\n');
  writeFileSync(join(dir, 'm.csv'), 'path,age,race\nfaces/0.jpg,30,1\nfaces/1.jpg,22,2\n');
});

async function succeeds(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await limn(['data', ...args], dir);
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return stdout;
}

describe('limn data', () => {
  it('makes squares, databases of several lists, a mean, and shows them', async () => {
    expect(await succeeds('square', 'faces', '-o', 'squares')).toBe(
      'squares: 4 pictures written, 0 were there already\n',
    );
    const build = ['lmdb', 'a.txt', 'more/b.txt', '--images', '.', '-o', 'dbs', '--resize', '8', '--shuffle'];
    expect(await succeeds(...build)).toBe('dbs/a_lmdb: 3 pictures\ndbs/more/b_lmdb: 2 pictures\n');
    expect(filesIn(join(dir, 'dbs'))).toEqual([
      'a_lmdb/data.mdb',
      'a_lmdb/limn.json',
      'more/b_lmdb/data.mdb',
      'more/b_lmdb/limn.json',
    ]);
    expect(await succeeds(...build)).toMatch(/dbs\/a_lmdb: 3 pictures \(was there already\)\n/);
    expect(await succeeds('mean', 'dbs/a_lmdb', '-o', 'out/mean.binaryproto', '--png')).toMatch(
      /^out\/mean.binaryproto: the mean of 3 pictures, 3×8×8, channels .*\nout\/mean.png: the same as a picture\n$/,
    );
    expect(readMean(readFileSync(join(dir, 'out/mean.binaryproto')), 'mean').shape).toEqual([3, 8, 8]);
    expect(await decodeFile(join(dir, 'out/mean.png'))).toMatchObject({ width: 8, height: 8 });
    const shown = JSON.parse(await succeeds('show', 'dbs/a_lmdb', '--grid', 'sheet.png', '--json'));
    expect(shown).toMatchObject({
      kind: 'lmdb',
      pictures: 3,
      labels: { label: { 0: 1, 1: 2 } },
      sizes: { '8×8': 3 },
    });
    expect((await decodeFile(join(dir, 'sheet.png'))).width).toBeGreaterThan(100);
  });

  it('makes databases and means of all folds in one call each', async () => {
    for (const fold of [0, 1, 2]) {
      mkdirSync(join(dir, `each/${fold}`), { recursive: true });
      writeFileSync(join(dir, `each/${fold}/train.txt`), `faces/${fold}.jpg 0\nfaces/3.jpg 1\n`);
    }
    const lists = ['lmdb', 'each/{fold}/train.txt', '--images', '.', '--resize', '8', '-o', 'folds'];
    expect(await succeeds(...lists, '--folds', '0-2')).toBe(
      [0, 1, 2].map((fold) => `folds/${fold}/train_lmdb: 2 pictures\n`).join(''),
    );
    const means = ['mean', 'folds/{fold}/train_lmdb', '-o', 'means/{fold}.binaryproto'];
    const made = JSON.parse(await succeeds(...means, '--folds', '0,2', '--json')) as { output: string }[];
    expect(made.map(({ output }) => output)).toEqual(['means/0.binaryproto', 'means/2.binaryproto']);
    // Each is what a call for its fold alone makes.
    for (const fold of [0, 2]) {
      await succeeds('mean', `folds/${fold}/train_lmdb`, '-o', `alone/${fold}.binaryproto`);
      expect(readFileSync(join(dir, `means/${fold}.binaryproto`))).toEqual(
        readFileSync(join(dir, `alone/${fold}.binaryproto`)),
      );
    }
    const [one, two] = [means, lists].map((args) => args.map((arg) => arg.replace('{fold}', '0')));
    expect((await limn(['data', ...one, '--folds', '0-1'], dir)).stderr).toMatch(
      /is the same for all folds; write \{fold\}/,
    );
    expect((await limn(['data', ...two, '--folds', '0-1'], dir)).stderr).toMatch(/is the same for all folds/);
  });

  it('tells the rule by which it reads ages', async () => {
    const shown = await succeeds('show', 'm.csv', '--ages', 'age', '--between', 'nearest');
    expect(shown).toMatch(/age: an age belongs to the class that holds it/);
    expect(shown).toMatch(/^3 \(15, 20\) +1 +50.0 %$/m);
    expect(shown).toMatch(/^4 \(25, 32\) +1 +50.0 %$/m);
  });

  it('lists all missing pictures before it writes anything, and goes on if told to', async () => {
    const args = ['data', 'lmdb', 'gone.txt', '--images', '.', '-o', 'gone_lmdb'];
    expect(await limn(args, dir)).toEqual({
      code: 1,
      stdout: '',
      stderr:
        'limn: faces/x.jpg: no such file\nlimn: faces/y.jpg: no such file\n' +
        'limn: gone.txt: 2 of 3 pictures are missing; check --images, or go on without them: --skip-bad\n',
    });
    expect(existsSync(join(dir, '.gone_lmdb.part'))).toBe(false);
    const { code, stdout, stderr } = await limn([...args, '--skip-bad'], dir);
    expect([code, stdout]).toEqual([0, 'gone_lmdb: 1 picture, 2 skipped\n']);
    expect(stderr.split('\n')).toHaveLength(3);
  });

  it.each([
    [
      ['lmdb', 'a.txt', '--images', '.', '-o', 'x', '--seed', '3'],
      2,
      '--seed: nothing is random; add --shuffle',
    ],
    [
      ['lmdb', 'a.txt', 'a.txt', '--images', '.', '-o', 'x'],
      2,
      'a.txt: two lists would become the same database',
    ],
    [['lmdb', 'm.csv', '--images', '.', '-o', 'x'], 1, "m.csv:1: expected 'path label'"],
    [['lmdb', 'a.txt', '--images', '.', '-o', 'faces'], 1, 'faces: something else is there'],
    [
      ['mean', 'a.txt', '-o', 'x.binaryproto'],
      1,
      'a.txt, faces/1.jpg: 3×15×20 where the pictures before it are 3×14×20',
    ],
    [['show', 'm.csv', '--ages', 'race'], 2, "--ages: there is no label column 'race'"],
    [['square', 'faces', '-o', 'faces'], 1, 'faces: is the folder of the pictures themselves'],
    [['lists', 'faces', '-o', 'x'], 1, 'faces: folds in it: 0, at least 2 are needed'],
  ])('refuses %j', async (args, code, message) => {
    const outcome = await limn(['data', ...args], dir);
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).toMatch(/^limn: [^\n]+\n$/);
    expect(outcome.stderr).toContain(message);
  });
});

describeShared('limn data lists', () => {
  it('writes all lists of all folds, and tells what the published split drops and leaks', async () => {
    const text = await succeeds('lists', shared('adience/folds'), '-o', 'lists');
    const names = ['test', 'train', 'train_subset', 'val'];
    const expected = [0, 1, 2, 3, 4].flatMap((k) =>
      ['age', 'gender'].flatMap((target) => names.map((name) => `test_fold_is_${k}/${target}_${name}.txt`)),
    );
    expect(filesIn(join(dir, 'lists'))).toEqual(['lists.json', ...expected].sort());
    expect(text).toMatch(
      /the published split loses 5 files in all, drops 72 faces labelled \(25, 23\), and leaks:/,
    );
    const { splits, census } = JSON.parse(readFileSync(join(dir, 'lists/lists.json'), 'utf8'));
    expect(census.age.labelled).toBe(17424 + 72);
    expect(splits[0].lists.age_test).toBe(4316 + 72);
    expect(
      splits.every(({ leak }: (typeof splits)[0]) => leak.age.people === 0 && leak.gender.people === 0),
    ).toBe(true);
  });
});
