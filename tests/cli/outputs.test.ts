import {
  copyFileSync,
  cpSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeResult } from '../../src/evaluation/store.ts';
import { nodeHost } from '../../src/hosts/node.node.ts';
import { deadTemporary } from '../common/temporary.ts';
import { result, times } from '../evaluation/results.ts';
import { filesIn, fixtures, limn } from './limn.ts';
import { sandbox } from './training.ts';

let dir = '';
const path = (name: string) => join(dir, name);

beforeAll(async () => {
  dir = await fixtures();
  // A training, its data and its solver lie there, too.
  cpSync(await sandbox({ max_iter: '2', test_iter: '1' }), dir, { recursive: true });
  writeFileSync(path('list.txt'), 'photo.jpg 0\nphoto.png 1\n');
  for (const label of ['ant', 'bee']) {
    mkdirSync(path(`faces/${label}`), { recursive: true });
    copyFileSync(path('photo.png'), path(`faces/${label}/1.png`));
  }
  mkdirSync(path('folds'));
  const header =
    'user_id\toriginal_image\tface_id\tage\tgender\tx\ty\tdx\tdy\ttilt_ang\tfiducial_yaw_angle\tfiducial_score';
  for (const fold of [0, 1]) {
    const rows = Array.from(
      { length: 60 },
      (_, i) => `user${fold}-${i}@N0\t${i}.jpg\t${i}\t(25, 32)\tm\t0\t0\t9\t9\t0\t0\t1`,
    );
    writeFileSync(path(`folds/fold_${fold}_data.txt`), `${[header, ...rows].join('\n')}\n`);
  }
  for (const name of ['a', 'b']) {
    await writeResult(
      path(`results/${name}`),
      result(times(20, { said: 0 }), { name, ordered: true }),
      nodeHost,
    );
  }
  writeFileSync(path('log.csv'), 'iteration,value\n0,2\n10,1\n');
  mkdirSync(path('nets/good'), { recursive: true });
  copyFileSync(path('deploy.prototxt'), path('nets/good/deploy.prototxt'));
  writeFileSync(
    path('spec.yaml'),
    'definitions: nets\nimport: {prototxt: deploy.prototxt, weights: net.caffemodel}\n',
  );
}, 120_000);

/** Every command that writes, but for `data lmdb`, whose folder is whole or not there: OUT is where. */
const commands: readonly string[] = [
  'import caffe deploy.prototxt net.caffemodel -o OUT/net.onnx',
  'import onnx net.onnx -o OUT/net.onnx',
  'import face-api -o OUT',
  'compile net.onnx -o OUT/net.onnx',
  'explain net.onnx photo.jpg photo.png -o OUT --raw npy rawhm',
  'explain net.onnx batch.npy -o OUT',
  'average batch.npy -o OUT/mean.png',
  'average batch.npy -o OUT/mean.npy',
  'run net.onnx --input batch.npy -o OUT',
  'grid net.onnx --photos photo.jpg -o OUT',
  'grid net.onnx --means faces --by label -o OUT',
  'evaluate net.onnx list.txt -o OUT --restart',
  'compare results/a results/b -o OUT',
  'data lists folds -o OUT',
  'data square faces -o OUT',
  'data mean faces --resize 8 -o OUT/mean.binaryproto --png',
  'data show faces --grid OUT/sheet.png',
  'init deploy.prototxt -o OUT/net.caffemodel',
  'plot log.csv -o OUT/log.svg',
  'plan spec.yaml -o OUT/plan.json',
  'doctor net.onnx list.txt -o OUT/net.onnx',
  'train --solver solver.prototxt -o OUT --quiet --threads 1',
  'demo -o OUT',
];

const contents = (folder: string) =>
  new Map(filesIn(folder).map((name) => [name, readFileSync(join(folder, name), 'latin1')]));

describe.each(commands.map((command, i) => [command, `out-${i}`] as const))('limn %s', (command, out) => {
  const words = command.replaceAll('OUT', out).split(' ');
  // What it finds in the photos is no concern here: limn doctor says so by its exit code.
  const done = command.startsWith('doctor') ? [0, 1] : [0];

  it('writes into its own place twice, sweeps what a killed process left, and spares all that is another’s', async () => {
    mkdirSync(path(out));
    const left = await deadTemporary(path(out), 'x.png');
    const first = await limn(words, dir);
    expect(done, first.stderr).toContain(first.code);
    expect(existsSync(left)).toBe(false);
    const made = contents(path(out));
    expect(made.size).toBeGreaterThan(0);
    expect(readdirSync(path(out)).filter((name) => /limn-lock|\.tmp$/.test(name))).toEqual([]);

    if (!command.startsWith('train')) {
      const second = await limn(words, dir);
      expect(done, second.stderr).toContain(second.code);
      expect([...contents(path(out)).keys()]).toEqual([...made.keys()]);
    }
    // Each file in its turn would do; all at once show that it is the first one that is refused.
    const foreign = [...made.keys()].filter((name) => !name.endsWith('limnstate'));
    for (const name of made.keys()) {
      if (!foreign.includes(name)) rmSync(join(path(out), name));
    }
    rmSync(join(path(out), '.limn.jsonl'));
    for (const name of foreign) writeFileSync(join(path(out), name), `the user's ${name}`);
    const third = await limn(words, dir);
    expect(third.code, third.stdout).toBe(1);
    expect(third.stderr).toMatch(/limn did not make it/);
    for (const name of foreign)
      expect(readFileSync(join(path(out), name), 'utf8')).toBe(`the user's ${name}`);
    expect(filesIn(path(out))).toEqual(foreign);
  }, 120_000);
});

it('report spares what is another’s, in its folder and among its charts', async () => {
  expect((await limn(['compare', 'results/a', 'results/b', '-o', 'compared'], dir)).code).toBe(0);
  for (let i = 0; i < 2; i++)
    expect(await limn(['report', 'compared'], dir)).toMatchObject({ code: 0, stderr: '' });
  const chart = readdirSync(path('compared/charts')).find((name) => name.endsWith('.svg'))!;
  for (const name of ['report.html', `charts/${chart}`]) {
    const before = readFileSync(path(`compared/${name}`));
    writeFileSync(path(`compared/${name}`), 'mine');
    const { code, stderr } = await limn(['report', 'compared'], dir);
    expect([code, stderr]).toEqual([
      1,
      expect.stringContaining(`${name}: is there already, and limn did not`),
    ]);
    expect(readFileSync(path(`compared/${name}`), 'utf8')).toBe('mine');
    writeFileSync(path(`compared/${name}`), before);
  }
}, 120_000);

it('replaces another’s file when it is told to', async () => {
  writeFileSync(path('mine.npy'), 'mine');
  const words = ['average', 'batch.npy', '-o', 'mine.npy'];
  const { code, stderr } = await limn(words, dir);
  expect([code, stderr]).toEqual([
    1,
    'limn: mine.npy: is there already, and limn did not make it or it was changed since; choose another output, or allow this with --overwrite\n',
  ]);
  expect((await limn([...words, '--overwrite'], dir)).code).toBe(0);
  expect(readFileSync(path('mine.npy')).subarray(1, 6).toString()).toBe('NUMPY');
});

it('grid finds a map that is in the way before it opens a model', async () => {
  mkdirSync(path('maps'));
  const words = ['grid', 'gone.onnx', '--means', 'faces', '--by', 'label', '-o', 'maps'];
  for (const [name, message] of [
    ['12_gone_ant_sd.npy', 'maps/12_gone_ant_sd.npy: is there already, and limn did not make it'],
    ['12_other_ant_sd.npy', 'gone.onnx: no such file'],
  ] as const) {
    writeFileSync(path(`maps/${name}`), 'mine');
    const { code, stderr } = await limn(words, dir);
    expect([code, stderr]).toEqual([1, expect.stringContaining(message)]);
    rmSync(path(`maps/${name}`));
  }
});

/**
 * Each command onto what it reads, whatever that is called: FOLDER holds the file `input`, `output` leads to it. Links of all
 * kinds are the concern of tests/common; here each command has one.
 */
const onInputs: readonly [command: string, input: string, output: string][] = [
  ['import caffe deploy.prototxt FOLDER/net.caffemodel -o', 'net.caffemodel', 'net.caffemodel'],
  ['import caffe FOLDER/deploy.prototxt net.caffemodel -o', 'deploy.prototxt', 'hard.onnx'],
  ['import caffe deploy.prototxt net.caffemodel --labels FOLDER/three.txt -o', 'three.txt', 'soft.onnx'],
  ['import onnx FOLDER/net.onnx -o', 'net.onnx', './net.onnx'],
  ['compile FOLDER/net.onnx -o', 'net.onnx', 'hard.onnx'],
  ['average FOLDER/batch.npy -o', 'batch.npy', 'soft.npy'],
  ['init FOLDER/deploy.prototxt -o', 'deploy.prototxt', 'hard.caffemodel'],
  ['plot FOLDER/log.csv -o', 'log.csv', 'soft.svg'],
  ['plan FOLDER/spec.yaml -o', 'spec.yaml', 'spec.yaml'],
  ['data mean FOLDER/list.txt --resize 8 -o', 'photo.png', 'photo.png'],
  ['data mean FOLDER/list.txt --resize 8 -o', 'list.txt', 'hard.binaryproto'],
  ['data show FOLDER/list.txt --grid', 'photo.jpg', 'soft.png'],
  ['doctor net.onnx FOLDER/list.txt -o', 'photo.png', 'hard.onnx'],
  ['explain net.onnx FOLDER/photo.png -o', 'photo.png', '.'],
  ['grid net.onnx --photos FOLDER/grid.png -o', 'grid.png', '.'],
  ['run net.onnx --input FOLDER/prob.npy -o', 'prob.npy', '.'],
  ['train --quiet --solver FOLDER/train.log -o', 'train.log', '.'],
];
/** What files are made of that are called otherwise here. */
const sources: Readonly<Record<string, string>> = {
  'grid.png': 'photo.png',
  'prob.npy': 'batch.npy',
  'train.log': 'solver.prototxt',
};

describe('an output that is an input is refused, overwrite or not', () => {
  it.each(onInputs)(
    'limn %s (%s as %s)',
    async (command, input, output) => {
      const place = `in-${onInputs.findIndex((each) => each[0] === command && each[1] === input)}`;
      mkdirSync(path(place));
      for (const name of new Set([input, 'photo.jpg', 'photo.png', 'list.txt', 'train_val.prototxt']))
        copyFileSync(path(sources[name] ?? name), path(`${place}/${name}`));
      if (output.startsWith('hard')) linkSync(path(`${place}/${input}`), path(`${place}/${output}`));
      if (output.startsWith('soft')) symlinkSync(input, path(`${place}/${output}`));
      const words = command.replace('FOLDER', place).split(' ');
      const before = contents(path(place));
      const { code, stderr } = await limn([...words, `${place}/${output}`, '--overwrite'], dir);
      expect(stderr).toContain('is read here and would be written over');
      expect(code).toBe(1);
      expect(contents(path(place))).toEqual(before);
    },
    60_000,
  );
});
