import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePrototxt, parseSolver, upgradeNet } from '../../src/caffe/index.ts';
import { importTraining } from '../../src/caffe/training/import.ts';
import type { TrainingNet } from '../../src/caffe/training/net.ts';
import { int64 } from '../../src/graph/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { openBatches } from '../../src/training/batches/open.node.ts';
import { diagnoseIteration } from '../../src/training/diagnosis/index.ts';
import { openEngine } from '../../src/training/engine/engine.node.ts';
import { pathResolver } from '../../src/training/paths.node.ts';
import { solverSettings } from '../../src/training/solver/index.ts';
import { temporaryFolder } from '../data/temporary.ts';
import { noise } from '../nets.ts';
import { bundled } from '../runtime/bundle.ts';

/* What people get wrong, and what they are told: each in one line that says where, what, and what to do. */

const folder = temporaryFolder();
const script = bundled('src/training/engine/worker.node.ts');

const solver = `net: "train_val.prototxt"
base_lr: 0.01
lr_policy: "step"
gamma: 0.1
stepsize: 100
max_iter: 450
momentum: 0.9
`;

describe('a solver', () => {
  const read = (text: string) => solverSettings(parseSolver(text, 's.prototxt'), 's.prototxt');

  it('is taken as it is', () => expect(read(solver).maxIter).toBe(450));

  it.each([
    [
      'a field that there is none of',
      'base_lr: 0.01',
      'base_rate: 0.01',
      /^s\.prototxt:2:1: unknown field base_rate in /,
    ],
    [
      'a misspelt field',
      'stepsize',
      'step_size',
      /^s\.prototxt:5:1: unknown field step_size .*; did you mean stepsize\?/,
    ],
    ['a field given twice', 'gamma', 'gamma: 1 gamma', /^s\.prototxt:4:10: gamma is given twice/],
    ['a word for a number', 'max_iter: 450', 'max_iter: many', /^s\.prototxt:6:11: .*many/],
    ['text without an end', '"step"', '"step', /^s\.prototxt:3:\d+: /],
    ['no learning rate', 'base_lr: 0.01', '', /^s\.prototxt: base_lr is missing; add base_lr/],
    ['no end', 'max_iter: 450', '', /^s\.prototxt: max_iter is missing; add max_iter/],
    ['no network', 'net: "train_val.prototxt"', '', /^s\.prototxt: no network to train; add net/],
    [
      'an unknown policy',
      '"step"',
      '"steps"',
      /^s\.prototxt: unknown lr_policy 'steps'; did you mean step\?/,
    ],
    [
      'a policy without its number',
      'gamma: 0.1',
      '',
      /^s\.prototxt: gamma is missing; lr_policy 'step' needs it/,
    ],
    [
      'an unknown type',
      'gamma',
      'type: "SDG" gamma',
      /^s\.prototxt: unknown type 'SDG'; did you mean SGD\?$/,
    ],
    ['a rate that is no number', '0.01', 'nan', /^s\.prototxt: base_lr is NaN; give a finite number/],
    [
      'a number below what makes sense',
      'gamma',
      'iter_size: 0 gamma',
      /^s\.prototxt: iter_size 0 is less than 1/,
    ],
    ['test batches for no test', 'gamma', 'test_iter: 5 gamma', /^s\.prototxt: test_interval is missing; /],
  ])('with %s', (_, of, by, message) => {
    expect(solver).toContain(of);
    expect(() => read(solver.replace(of, by))).toThrow(message);
  });
});

const network = `name: "net"
layer { name: "data" type: "Data" top: "data" top: "label"
  data_param { source: "lmdb" backend: LMDB batch_size: 4 } }
layer { name: "conv" type: "Convolution" bottom: "data" top: "conv"
  convolution_param { num_output: 2 kernel_size: 3 } }
layer { name: "fc1" type: "InnerProduct" bottom: "conv" top: "fc1"
  inner_product_param { num_output: 3 } }
layer { name: "relu1" type: "ReLU" bottom: "fc1" top: "fc1" }
layer { name: "fc2" type: "InnerProduct" bottom: "fc1" top: "fc2"
  inner_product_param { num_output: 3 } }
layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc2" bottom: "label" top: "loss" }
`;
const importing = (text: string): TrainingNet =>
  importTraining(upgradeNet(parsePrototxt(text, 'net.prototxt'), 'net.prototxt'), 'net.prototxt', {
    phase: 'train',
    shapes: new Map([['data', [1, 4, 4]]]),
  });

describe('a network', () => {
  it('is taken as it is', () => {
    expect(importing(network).ranges).toMatchObject([{ label: 'label', classes: 3, layer: 'loss' }]);
  });

  it.each([
    [
      'a field that there is none of',
      'num_output: 2',
      'outputs: 2',
      /^net\.prototxt:5:\d+: unknown field outputs/,
    ],
    [
      'a layer type that there is none of',
      '"ReLU"',
      '"ReLu"',
      /^net\.prototxt:8:1: layer 'relu1': .*ReLu .*did you mean ReLU\?$/,
    ],
    [
      'a bottom that nothing makes',
      'bottom: "conv"',
      'bottom: "conw"',
      /^net\.prototxt:6:1: layer 'fc1': .*'conw'/,
    ],
    [
      'a kernel that is larger than its input',
      'kernel_size: 3',
      'kernel_size: 9',
      /^net\.prototxt:4:1: layer 'conv': the kernel \(9\) is larger than/,
    ],
    ['no batch size', 'batch_size: 4', '', /^net\.prototxt:2:1: layer 'data': batch_size is missing/],
    [
      'no labels',
      'bottom: "label"',
      '',
      /^net\.prototxt:11:1: layer 'loss': it has 1 bottom, its type takes 2/,
    ],
    [
      'scores for labels',
      'bottom: "label"',
      'bottom: "fc1"',
      /^net\.prototxt:11:1: layer 'loss': 'fc1' must be int64 labels/,
    ],
    [
      'fewer labels than scores',
      'bottom: "fc2"',
      'bottom: "conv"',
      /^net\.prototxt:11:1: layer 'loss': labels \[N\] do not fit scores \[N,2,2,2\]/,
    ],
    [
      'two blobs of different sizes',
      'SoftmaxWithLoss',
      'EuclideanLoss',
      /^net\.prototxt:11:1: layer 'loss': inputs \[N,3\] and \[N\] are not of one size/,
    ],
    [
      'too many loss weights',
      'top: "loss"',
      'top: "loss" loss_weight: 1 loss_weight: 1',
      /^net\.prototxt:11:1: layer 'loss': 2 loss_weight for 1 top/,
    ],
  ])('with %s', (_, of, by, message) => {
    expect(() => importing(network.replace(of, by))).toThrow(message);
  });

  it('with a parameter that is shared between two shapes', () => {
    const shared = network.replaceAll('inner_product_param', 'param { name: "w" } inner_product_param');
    expect(() => importing(shared)).toThrow(
      /^net\.prototxt:9:1: layer 'fc2': its blob 0 \[3,3\] cannot be shared as 'w' with \[3,8\]; layer 'fc1' owns it/,
    );
  });
});

describe('a step', () => {
  const net = importing(network);
  const batch = (...labels: number[]) => ({ data: noise([4, 1, 4, 4], 5), label: int64([4], labels) });
  const starting = () =>
    new Map(net.parameters.map(({ name, shape }, i) => [name, noise(shape, i + 1).data]));
  const settings = solverSettings(parseSolver(solver, 's.prototxt'), 's.prototxt');
  const open = (weights = starting()) =>
    openEngine({ train: net, tests: [], solver: settings, weights, seed: 1, parts: 2, threads: 2, script });
  const copies = (weights: ReadonlyMap<string, Float32Array>) =>
    new Map([...weights].map(([k, v]) => [k, v.slice()]));

  it('with a label out of range is not made', async () => {
    const engine = await open();
    try {
      await expect(engine.step([batch(0, 1, 3, 2)], 0)).rejects.toThrow(
        /^net\.prototxt:2:1: layer 'data': image 2 of the batch: the label 3 is none of the 3 classes of layer 'loss'; labels go from 0 to 2: correct them, or raise num_output$/,
      );
      expect(copies(engine.weights)).toEqual(starting());
      expect((await engine.step([batch(0, 1, 0, 2)], 0)).finite).toBe(true);
      expect(copies(engine.weights)).not.toEqual(starting());
    } finally {
      await engine.close();
    }
  });

  it('whose loss is not finite leaves the weights and says which layer it was', async () => {
    const weights = starting();
    weights.get('fc1.weight')!.fill(3e38, 8, 16);
    weights.get('fc1.bias')!.fill(1, 0, 3);
    weights.get('conv.weight')!.fill(0);
    weights.get('conv.bias')!.fill(2);
    const engine = await open(weights);
    try {
      const batches = [batch(0, 1, 0, 2)];
      const step = await engine.step(batches, 132);
      expect(step.finite).toBe(false);
      expect(copies(engine.weights)).toEqual(weights);
      const { loss, bad } = step;
      const error = await diagnoseIteration(
        {
          ...{ net, weights: engine.weights, batches, iteration: 132, parts: engine.parts, seed: 1, loss },
          ...(bad !== undefined && { bad }),
        },
        nodeRuntime,
        { threads: 1 },
      );
      expect(error.message).toMatch(
        /^iteration 132: loss is NaN: first at layer 'fc1' \(Gemm\): 2 of 6 values are not finite, the first \(Infinity\) at \[0,1\], its input reaches 2, its weights 3e\+38; lower base_lr, or check the data$/,
      );
    } finally {
      await engine.close();
    }
  });
});

describe('data', () => {
  const layer = (source: string) => `name: "net" layer { name: "data" type: "Data" top: "data" top: "label"
  data_param { source: "${source}" backend: LMDB batch_size: 2 } }`;
  const open = (source: string, dataRoot?: string) =>
    openBatches(upgradeNet(parsePrototxt(layer(source), 'net.prototxt'), 'net.prototxt').layer, {
      phase: 'train',
      seed: 1,
      file: 'net.prototxt',
      threads: 0,
      ahead: 0,
      resolve: pathResolver({ base: folder, ...(dataRoot !== undefined && { dataRoot }) }),
    });

  it('of a database that is nowhere says where it was looked for, and how to say where it is', async () => {
    await expect(open('/home/someone/lmdb/fold_0')).rejects.toThrow(
      /^net\.prototxt:\d+:\d+: layer 'data': source: '\/home\/someone\/lmdb\/fold_0' is not there \(tried .*\); give dataRoot 'DIR', or map 'OLD=NEW'$/,
    );
    await expect(open('/home/someone/lmdb/fold_0', folder)).rejects.toThrow(
      /every end of it under .*; give map 'OLD=NEW'$/,
    );
  });

  it('of a folder that is no database is named', async () => {
    mkdirSync(join(folder, 'fold_1'));
    await expect(open('lmdb/fold_1', folder)).rejects.toThrow(
      /fold_1: no LMDB database: it has no data\.mdb; make one of the list of pictures$/,
    );
  });
});
