import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { NetParameterSchema, SolverStateSchema } from '../../../src/caffe/index.ts';
import { viewAs } from '../../../src/common/bytes.ts';
import { withOutputs } from '../../../src/common/outputs.node.ts';
import { changedContents } from '../../../src/training/run/record.ts';
import {
  listSnapshots,
  readSnapshot,
  refuseLater,
  snapshotFiles,
  writeSnapshot,
} from '../../../src/training/run/snapshot.node.ts';
import { restore } from '../../../src/training/run/snapshot.ts';
import { parameters, run, temporaryFolder, training } from './training.ts';

const folder = temporaryFolder();
let folders = 0;
/** An empty folder's path. */
const fresh = () => join(folder, String(folders++));

const SGD = { type: 'SGD', sets: 1 };

describe('what is written', () => {
  test.each([
    ['SGD', 1],
    ['Adam', 2],
  ])('comes back to the last bit: %s', async (type, sets) => {
    const to = fresh();
    const state = training(7, sets);
    await writeSnapshot(to, 'snapshots/small', { ...state, run: { ...state.run, solver: type } });
    const read = await readSnapshot(to);
    expect(read).toMatchObject({ iteration: 7, currentStep: 3, notes: [] });
    expect(read.run).toEqual({ ...run(7), solver: type });
    const learned = restore(read, parameters, { type, sets });
    expect(learned.weights).toEqual(state.weights);
    expect(learned.histories).toEqual(state.histories);
  });

  test("three files, of which two are Caffe's", async () => {
    const to = fresh();
    await writeSnapshot(to, 'x/small', training(20));
    expect(readdirSync(to).sort()).toEqual([
      'small_iter_20.caffemodel',
      'small_iter_20.limnstate',
      'small_iter_20.solverstate',
    ]);
    const state = fromBinary(SolverStateSchema, readFileSync(join(to, 'small_iter_20.solverstate')));
    expect(state).toMatchObject({ iter: 20, learnedNet: 'small_iter_20.caffemodel', currentStep: 3 });
    // Caffe wants one history of each parameter in the order of the layers, also of those that are not trained.
    expect(state.history.map(({ shape }) => shape!.dim.map(Number))).toEqual(parameters.map((p) => p.shape));
    expect([...viewAs(Float32Array, state.history[1].data)]).toEqual([0, 0, 0]);
    const net = fromBinary(NetParameterSchema, readFileSync(join(to, 'small_iter_20.caffemodel')));
    const [conv, fc, twin] = ['conv', 'fc', 'twin'].map((name) => net.layer.find((l) => l.name === name)!);
    expect([conv, fc, twin].map((layer) => layer.blobs.length)).toEqual([2, 2, 2]);
    expect(twin.blobs[0].data).toEqual(fc.blobs[0].data);
    expect(net.name).toBe('small');
  });

  test('is the same for the same training, wherever it lies', async () => {
    const [a, b] = [fresh(), fresh()];
    await writeSnapshot(a, 'small', training(5));
    await writeSnapshot(b, 'small', training(5));
    for (const name of readdirSync(a)) {
      expect(readFileSync(join(a, name)).equals(readFileSync(join(b, name)))).toBe(true);
    }
  });

  test('is never NaN or infinite, and the last snapshot stays', async () => {
    const to = fresh();
    await writeSnapshot(to, 'small', training(5));
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const state = training(6);
      state.weights.get('fc.weight')![17] = wrong;
      await expect(writeSnapshot(to, 'small', state)).rejects.toThrow(
        `parameter 'fc.weight': element 17 is ${wrong}; go on from the last snapshot`,
      );
      const other = training(6);
      other.histories[0][1][0] = wrong;
      await expect(writeSnapshot(to, 'small', other)).rejects.toThrow(
        `history 0 of parameter 'fc.weight': element 0 is ${wrong}`,
      );
    }
    expect((await listSnapshots(to)).map(({ iteration }) => iteration)).toEqual([5]);
    expect(readdirSync(to)).toHaveLength(3);
  });

  test('must have the shapes of the parameters, and all of them', async () => {
    const state = training(5);
    const without = new Map(state.weights);
    without.delete('conv.bias');
    await expect(writeSnapshot(fresh(), 'small', { ...state, weights: without })).rejects.toThrow(
      "parameter 'conv.bias': it has no weights",
    );
    await expect(writeSnapshot(fresh(), 'small', { ...state, histories: [[]] })).rejects.toThrow(
      "history 0 of parameter 'conv.weight': it is missing",
    );
    const short = new Map(state.weights).set('conv.bias', new Float32Array(2));
    await expect(writeSnapshot(fresh(), 'small', { ...state, weights: short })).rejects.toThrow(
      "parameter 'conv.bias': 2 values do not fill its shape 3",
    );
  });

  test('of old ones those go that limn made, as it made them', async () => {
    const to = fresh();
    await withOutputs({}, async (outputs) => {
      for (const iteration of [1, 2, 3]) await writeSnapshot(to, 'small', training(iteration), { outputs });
    });
    writeFileSync(join(to, 'small_iter_1.caffemodel'), 'mine');
    await withOutputs({}, (outputs) => writeSnapshot(to, 'small', training(4), { keep: 1, outputs }));
    expect(readdirSync(to).filter((name) => /_iter_[123]\./.test(name))).toEqual(['small_iter_1.caffemodel']);
    expect((await readSnapshot(to)).iteration).toBe(4);
  });

  test('only the newest are kept if so wished', async () => {
    const to = fresh();
    await mkdir(to);
    writeFileSync(join(to, 'other_iter_1.limnstate'), 'x');
    for (const iteration of [2, 4, 10, 6]) await writeSnapshot(to, 'small', training(iteration));
    await writeSnapshot(to, 'small', training(8), { keep: 2 });
    // 10 is of a later iteration: it is none of those that came before.
    expect((await listSnapshots(to)).map(({ iteration }) => iteration)).toEqual([10, 8, 6, 1]);
    expect(readdirSync(to)).toHaveLength(10);
  });
});

/** Whether the size of files can be limited for this process, as a full disk limits it. */
const canLimit = spawnSync('prlimit', ['--version']).status === 0;

describe.skipIf(!canLimit)('a disk that is full', () => {
  const limit = (bytes: string) =>
    execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`]);

  // Each file is larger than the one before, so that the limit strikes in it.
  const large = (iteration: number) => {
    const state = training(iteration, 4);
    return { ...state, run: { ...state.run, contents: { data: 'a'.repeat(5000) } } };
  };

  test.each(['model', 'state', 'record'] as const)(
    'leaves the last snapshot whole: in the %s',
    async (file) => {
      const to = fresh();
      const before = await writeSnapshot(to, 'small', large(5));
      const content = () => readdirSync(to).map((name) => [name, readFileSync(join(to, name), 'hex')]);
      const was = content();
      // Without a listener, the signal would end the process.
      const ignore = () => {};
      process.on('SIGXFSZ', ignore);
      limit(String(statSync(before[file]).size - 1));
      try {
        // A new one, and one that was there already.
        for (const iteration of [6, 5]) {
          const error = await writeSnapshot(to, 'small', large(iteration)).catch((e: unknown) => String(e));
          expect(error).toContain(`${snapshotFiles(to, 'small', iteration)[file]}: the file is too large`);
          expect(error).toContain(`no snapshot of iteration ${iteration}`);
          if (iteration === 6) expect(error).toContain(`then go on with snapshot '${before.record}'`);
        }
      } finally {
        limit('unlimited');
        process.off('SIGXFSZ', ignore);
      }
      expect(content()).toEqual(was);
    },
  );
});

describe('what is read', () => {
  test('a folder: the newest that was finished and is whole', async () => {
    const to = fresh();
    for (const iteration of [9, 10, 100]) await writeSnapshot(to, 'small', training(iteration));
    expect((await readSnapshot(to)).iteration).toBe(100);
    // As a process that is killed leaves it.
    rmSync(snapshotFiles(to, 'small', 100).record);
    expect(await readSnapshot(to)).toMatchObject({ iteration: 10, notes: [] });
    writeFileSync(snapshotFiles(to, 'small', 10).state, 'damaged');
    const read = await readSnapshot(to);
    expect(read.iteration).toBe(9);
    expect(read.notes).toHaveLength(1);
    expect(read.notes[0]).toMatch(
      /passed over: .*small_iter_10.solverstate: not the file that small_iter_10.limnstate/,
    );
  });

  test('a .solverstate with its .limnstate beside it is the same', async () => {
    const to = fresh();
    const { state, record } = await writeSnapshot(to, 'small', training(9));
    expect(await readSnapshot(state)).toEqual(await readSnapshot(record));
  });

  test("a .solverstate of Caffe's own: what is not restored is said", async () => {
    const to = fresh();
    const { record, state } = await writeSnapshot(to, 'small', training(9));
    rmSync(record);
    const read = await readSnapshot(state);
    expect(read.run).toBeUndefined();
    expect(read.notes.join()).toContain('average_loss and the log are not');
    expect(restore(read, parameters, SGD).histories).toEqual(training(9).histories);
  });

  test('a run that starts over or goes back in a folder with later snapshots is refused', async () => {
    const to = fresh();
    await refuseLater(to, 0);
    await writeSnapshot(to, 'small', training(9));
    await refuseLater(to, 9);
    await expect(refuseLater(to, 8)).rejects.toThrow('it holds a snapshot of iteration 9 already');
  });

  test('errors: nothing there, mixed files, damaged ones', async () => {
    await expect(readSnapshot(join(folder, 'none'))).rejects.toThrow('no such file or folder');
    const to = fresh();
    await mkdir(to);
    await expect(readSnapshot(to)).rejects.toThrow('no snapshot in it');
    const [a, b] = [
      await writeSnapshot(to, 'small', training(1)),
      await writeSnapshot(to, 'small', training(2)),
    ];
    await copyFile(a.model, b.model);
    await expect(readSnapshot(b.record)).rejects.toThrow(
      'small_iter_2.caffemodel: not the file that small_iter_2.limnstate tells of',
    );
    const text = readFileSync(a.record, 'utf8');
    for (const [damaged, what] of [
      [text.slice(0, 100), 'damaged: no JSON'],
      ['{}', 'no snapshot of limn'],
      ['null', 'no snapshot of limn'],
      [text.replace('snapshot 1', 'snapshot 2'), "a 'limn snapshot 2'"],
      [text.replace('"seed": 7', '"seed": "7"'), 'damaged: no valid seed'],
      [text.replace('"parts": 2', '"parts": 0'), 'damaged: no valid parts'],
      [text.replace('"sha256"', '"sha"'), 'damaged: no valid model'],
      [text.replace('"iteration": 1', '"iteration": 3'), 'of iteration 3, small_iter_1.solverstate of 1'],
    ] as const) {
      writeFileSync(a.record, damaged);
      await expect(readSnapshot(a.record)).rejects.toThrow(what);
    }
    await rename(a.state, join(to, 'alone.solverstate'));
    rmSync(a.model);
    await expect(readSnapshot(join(to, 'alone.solverstate'))).rejects.toThrow(
      'its weights small_iter_1.caffemodel are not there',
    );
  });

  test('errors: another network, another solver', async () => {
    const to = fresh();
    await writeSnapshot(to, 'small', training(1));
    const read = await readSnapshot(to);
    expect(() => restore(read, parameters, { type: 'Adam', sets: 2 })).toThrow(
      'written by the solver SGD, this one is Adam',
    );
    expect(() => restore({ ...read, run: undefined }, parameters, { type: 'Adam', sets: 2 })).toThrow(
      '5 histories, this solver needs 10',
    );
    const wider = parameters.with(3, { ...parameters[3], shape: [5] });
    expect(() => restore(read, wider, SGD)).toThrow('layer fc: blob 1: shape 4, the network has 5');
    const renamed = parameters.with(3, { ...parameters[3], blobs: [{ layer: 'other', blob: 0 }] });
    expect(() => restore(read, renamed, SGD)).toThrow('layer other: blob 0: it is missing');
  });

  test('what a run is made of may change, and is named', () => {
    expect(changedContents({ solver: 'a', net: 'b' }, { solver: 'a', net: 'c', data: 'd' })).toEqual(['net']);
  });
});
