import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseSolver } from '../../../src/caffe/index.ts';
import { noteText } from '../../../src/training/notes.ts';
import { solverSettings } from '../../../src/training/solver/index.ts';
import { describeShared, shared, sharedFiles } from '../../shared.ts';

const of = (text: string, file = 'solver.prototxt') => solverSettings(parseSolver(text, file), file);
const plain = 'net: "train_val.prototxt" base_lr: 0.1 lr_policy: "fixed" max_iter: 10';

describe('a solver', () => {
  it("gets Caffe's defaults", () => {
    expect(of(plain, 'dir/solver.prototxt')).toEqual({
      type: 'SGD',
      policy: { name: 'fixed' },
      baseRate: Math.fround(0.1),
      momentum: 0,
      momentum2: Math.fround(0.999),
      delta: Math.fround(1e-8),
      rmsDecay: Math.fround(0.99),
      weightDecay: 0,
      regularisation: 'L2',
      clipGradients: undefined,
      iterSize: 1,
      averageLoss: 1,
      display: 0,
      maxIter: 10,
      train: { source: { file: 'train_val.prototxt' }, state: { phase: 'train' } },
      tests: [],
      testInterval: 0,
      testInitialization: true,
      testComputeLoss: false,
      snapshot: 0,
      snapshotPrefix: 'dir/solver',
      snapshotAfterTrain: true,
      randomSeed: undefined,
      weights: [],
      notes: [],
    });
  });

  it('says what the file says', () => {
    const settings = of(`train_net: "t" train_state { stage: "a" level: 2 } test_net: "u" test_net: "v"
      test_iter: [3, 4] test_interval: 5 test_initialization: false test_compute_loss: true
      base_lr: 0.1 lr_policy: "multistep" gamma: 0.5 stepvalue: [7, 9] max_iter: 20 iter_size: 2 average_loss: 6
      clip_gradients: 3 regularization_type: "L1" weight_decay: 0.5 display: 8 snapshot: 10 snapshot_prefix: "p"
      snapshot_after_train: false random_seed: 17 solver_type: ADAM momentum: 0.5 momentum2: 0.75 delta: 0.25
      weights: "a.caffemodel,b.caffemodel" debug_info: true solver_mode: GPU`);
    expect(settings).toMatchObject({
      type: 'Adam',
      policy: { name: 'multistep', gamma: 0.5, stepvalues: [7, 9] },
      momentum: 0.5,
      momentum2: 0.75,
      delta: 0.25,
      weightDecay: 0.5,
      regularisation: 'L1',
      clipGradients: 3,
      iterSize: 2,
      averageLoss: 6,
      display: 8,
      train: { source: { file: 't' }, state: { phase: 'train', stages: ['a'], level: 2 } },
      tests: [
        { source: { file: 'u' }, state: { phase: 'test' }, iterations: 3 },
        { source: { file: 'v' }, state: { phase: 'test' }, iterations: 4 },
      ],
      testInterval: 5,
      testInitialization: false,
      testComputeLoss: true,
      snapshot: 10,
      snapshotPrefix: 'p',
      snapshotAfterTrain: false,
      randomSeed: 17,
      weights: ['a.caffemodel', 'b.caffemodel'],
      notes: [{ kind: 'field-ignored', file: 'solver.prototxt', field: 'debug_info' }],
    });
  });

  it('says what it asks for that changes nothing', () => {
    const { notes } = of(`${plain} snapshot_format: HDF5 snapshot_diff: true debug_info: false`, 's');
    expect(notes).toEqual([
      { kind: 'field-ignored', file: 's', field: 'snapshot_diff' },
      { kind: 'snapshot-format', file: 's', format: 'HDF5' },
    ]);
    expect(notes.map(noteText)).toEqual([
      's: snapshot_diff has no effect here',
      's: snapshot_format: HDF5 is not written; snapshots are BINARYPROTO, .caffemodel and .solverstate, which Caffe reads as well',
    ]);
    expect(of(`${plain} snapshot_format: BINARYPROTO`).notes).toEqual([]);
  });

  it("tests its networks in Caffe's order", () => {
    const { train, tests } = of(`${plain} test_net: "a" test_net: "b" test_net_param { name: "c" }
      test_iter: [1, 2, 3, 4, 5] test_interval: 1
      test_state { stage: "1" } test_state { stage: "2" } test_state { stage: "3" } test_state { stage: "4" }
      test_state { phase: TRAIN }`);
    expect(train.source).toEqual({ file: 'train_val.prototxt' });
    const names = tests.map(({ source }) => ('file' in source ? source.file : source.definition.name));
    expect(names).toEqual(['c', 'a', 'b', 'train_val.prototxt', 'train_val.prototxt']);
    expect(tests.map(({ iterations }) => iterations)).toEqual([1, 2, 3, 4, 5]);
    expect(tests.map(({ state }) => state)).toEqual([
      { phase: 'test', stages: ['1'] },
      { phase: 'test', stages: ['2'] },
      { phase: 'test', stages: ['3'] },
      { phase: 'test', stages: ['4'] },
      { phase: 'train', stages: [] },
    ]);
  });
});

describe('errors', () => {
  const rate = 'base_lr: 0.1 lr_policy: "fixed" max_iter: 10';
  const stepped = (policy: string) => `net: "n" base_lr: 0.1 max_iter: 10 lr_policy: ${policy}`;
  it.each([
    ['net: "n"\n  bas_lr: 1', 's:2:3: unknown field bas_lr in SolverParameter; did you mean base_lr?'],
    ['net: "n" lr_policy: "fixed" max_iter: 1', 's: base_lr is missing; add base_lr: 0.001 or another rate'],
    ['net: "n" base_lr: 1 max_iter: 1', 's: lr_policy is missing; add lr_policy: one of fixed, step,'],
    ['net: "n" base_lr: 1 lr_policy: "fixed"', 's: max_iter is missing; add max_iter'],
    [stepped('"stp"'), "s: unknown lr_policy 'stp'; did you mean step?"],
    [
      stepped('"cosine"'),
      "s: unknown lr_policy 'cosine'; known: fixed, step, exp, inv, multistep, poly, sigmoid",
    ],
    [stepped('"step" gamma: 0.1'), "s: stepsize is missing; lr_policy 'step' needs it"],
    [stepped('"step" stepsize: 3'), "s: gamma is missing; lr_policy 'step' needs it"],
    [stepped('"step" gamma: 0.1 stepsize: 0'), 's: stepsize 0 is less than 1'],
    [stepped('"inv" gamma: 0.1'), "s: power is missing; lr_policy 'inv' needs it"],
    [stepped('"poly"'), "s: power is missing; lr_policy 'poly' needs it"],
    [stepped('"multistep" stepvalue: 3'), "s: gamma is missing; lr_policy 'multistep' needs it"],
    [`net: "n" ${rate} type: "Adm"`, "s: unknown type 'Adm'; did you mean Adam?"],
    [`net: "n" ${rate} type: "Adam" solver_type: SGD`, 's: the solver has both type and solver_type'],
    [`net: "n" ${rate} regularization_type: "L3"`, "s: unknown regularization_type 'L3'; did you mean L1?"],
    [`net: "n" ${rate} iter_size: 0`, 's: iter_size 0 is less than 1'],
    [`net: "n" ${rate} average_loss: 0`, 's: average_loss 0 is less than 1'],
    [`net: "n" ${rate} snapshot: -1`, 's: snapshot -1 is less than 0'],
    [`net: "n" ${rate} momentum: nan`, 's: momentum is NaN; give a finite number'],
    [
      `net: "n" ${rate} momentum: 0.9 type: "AdaGrad"`,
      's: momentum 0.9 cannot be used with AdaGrad; remove it',
    ],
    [
      `net: "n" ${rate} momentum: 0.9 type: "RMSProp"`,
      's: momentum 0.9 cannot be used with RMSProp; remove it',
    ],
    [`net: "n" ${rate} type: "RMSProp" rms_decay: 1`, 's: rms_decay 1 is not in [0, 1)'],
    [`net: "n" ${rate} type: "Adam" momentum2: 1`, 's: momentum2 1 is not in [0, 1)'],
    [`net: "n" ${rate} random_seed: 9007199254740993`, 's: random_seed 9007199254740993 is too large'],
    [rate, 's: no network to train; add net: "train_val.prototxt"'],
    [`net: "n" train_net: "t" ${rate}`, 's: 2 networks to train; keep one of net, net_param, train_net,'],
    [`train_net: "n" ${rate} test_iter: 3`, 's: 1 test_iter for 0 test networks'],
    [
      `train_net: "n" ${rate} test_net: "t"`,
      's: 0 test_iter for 1 test networks; give one test_iter for each',
    ],
    [`net: "n" ${rate} test_net: "t"`, 's: 0 test_iter for 1 test networks; give at least one test_iter'],
    [`net: "n" ${rate} test_iter: 3`, 's: test_interval is missing'],
    [`net: "n" ${rate} test_iter: 0 test_interval: 1`, 's: test_iter 0 is less than 1'],
    [
      `net: "n" ${rate} test_iter: [3, 4] test_interval: 1 test_state { }`,
      's: 1 test_state for 2 test networks; give one for each, or none',
    ],
  ])('%s', (text, message) => {
    expect(() => of(text, 's')).toThrow(message);
    expect(() => of(text, 's')).toThrow(expect.objectContaining({ name: 'LimnError' }));
  });
});

describeShared('the solvers of the paper', () => {
  const solvers = sharedFiles('adience/model_definitions').filter((path) =>
    /\/solver[^/]*\.prototxt$/.test(path),
  );
  it('are all understood', () => {
    expect(solvers).toHaveLength(190);
    for (const path of solvers) {
      const settings = of(readFileSync(shared(path), 'utf8'), path);
      expect(settings).toMatchObject({
        type: 'SGD',
        momentum: Math.fround(0.9),
        iterSize: 1,
      });
      expect(settings.policy.name).toBe('step');
      expect(settings.tests).toMatchObject([{ source: settings.train.source }]);
    }
  });
});
