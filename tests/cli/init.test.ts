import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { readCaffemodel } from '../../src/caffe/index.ts';
import { describeShared, shared } from '../shared.ts';
import { filesIn, folder, limn } from './limn.ts';

const layers = `
  layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1" convolution_param {
    num_output: 4 kernel_size: 3 weight_filler { type: "gaussian" std: 0.01 } bias_filler { value: 0.5 } } }
  layer { name: "bn" type: "BatchNorm" bottom: "conv1" top: "conv1" }
  layer { name: "fc" type: "InnerProduct" bottom: "conv1" top: "fc" inner_product_param {
    num_output: 2 weight_filler { type: "xavier" } } }`;

const trainVal = (transform: string) => `name: "net"
  layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TRAIN } ${transform}
    data_param { source: "/nowhere/lmdb" batch_size: 5 } }
  layer { name: "data" type: "Data" top: "data" top: "label" include { phase: TEST } ${transform}
    data_param { source: "/nowhere/lmdb" batch_size: 5 } }
  ${layers}
  layer { name: "accuracy" type: "Accuracy" bottom: "fc" bottom: "label" top: "accuracy" include { phase: TEST } }
  layer { name: "loss" type: "SoftmaxWithLoss" bottom: "fc" bottom: "label" top: "loss" }`;

let dir = '';
beforeAll(() => {
  dir = folder();
  const write = (name: string, text: string) => writeFileSync(join(dir, name), text);
  write('train_val.prototxt', trainVal('transform_param { crop_size: 8 }'));
  write('uncropped.prototxt', trainVal(''));
  write(
    'deploy.prototxt',
    `name: "net" input: "data" input_dim: 1 input_dim: 3 input_dim: 8 input_dim: 8 ${layers}`,
  );
  write('bare.prototxt', `name: "net" input: "data" ${layers}`);
  write('wrong.prototxt', trainVal('transform_param { crop_size: 8 }').replace('xavier', 'xaver'));
  write(
    'zeros.prototxt',
    trainVal('transform_param { crop_size: 8 }').replace('weight_filler { type: "xavier" }', ''),
  );
});

const init = (...args: string[]) => limn(['init', ...args], dir);
const weightsOf = (name: string) => readCaffemodel(readFileSync(join(dir, name)), name);

async function made(...args: string[]) {
  const { code, stdout, stderr } = await init(...args, '-o', 'new/made.caffemodel');
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return { stdout, weights: weightsOf('new/made.caffemodel') };
}

describe('init', () => {
  it('fills the layers of a network in training', async () => {
    const { stdout, weights } = await made('train_val.prototxt');
    expect(stdout).toMatch(/^new\/made\.caffemodel: net, .*B, 411 parameters in 3 layers, seed 0\n$/);
    expect(
      [...weights].map(([name, { type, blobs }]) => [name, type, blobs.map(({ shape }) => shape)]),
    ).toEqual([
      ['conv1', 'Convolution', [[4, 3, 3, 3], [4]]],
      ['bn', 'BatchNorm', [[4], [4], [1]]],
      ['fc', 'InnerProduct', [[2, 144], [2]]],
    ]);
    const [kernels, bias] = weights.get('conv1')!.blobs;
    expect([...bias.data]).toEqual([0.5, 0.5, 0.5, 0.5]);
    expect(Math.max(...kernels.data.map(Math.abs))).toBeLessThan(0.06);
    const fc = weights.get('fc')!.blobs[0].data;
    expect(Math.max(...fc.map(Math.abs))).toBeLessThan(Math.sqrt(3 / 144));
    expect(new Set(fc).size).toBeGreaterThan(280);
    expect(filesIn(join(dir, 'new'))).toEqual(['made.caffemodel']);
  });

  it('gives the same for one seed, whichever way the network is written', async () => {
    const { weights } = await made('train_val.prototxt', '--seed', '7');
    for (const args of [
      ['deploy.prototxt'],
      ['uncropped.prototxt', '--input-shape', '1,3,8,8'],
      ['bare.prototxt', '--input-shape', '1,3,8,8'],
    ]) {
      expect((await made(...args, '--seed', '7')).weights).toEqual(weights);
    }
    expect((await made('train_val.prototxt', '--seed', '8')).weights).not.toEqual(weights);
  });

  it('says it as JSON', async () => {
    const { stdout } = await made('train_val.prototxt', '--seed', '7', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      output: 'new/made.caffemodel',
      name: 'net',
      layers: 3,
      parameters: 411,
      seed: 7,
      unfilled: [],
    });
  });

  it('warns of layers that cannot learn', async () => {
    const { code, stderr } = await init('zeros.prototxt', '-o', 'zeros.caffemodel');
    expect(code).toBe(0);
    expect(stderr).toBe('limn: zeros, for want of a weight_filler: fc\n');
    expect(
      weightsOf('zeros.caffemodel')
        .get('fc')!
        .blobs[0].data.every((x) => x === 0),
    ).toBe(true);
  });

  it.each([
    [['uncropped.prototxt'], 1, "layer 'data': its size is not known; give --input-shape: N×C×H×W"],
    [['wrong.prototxt'], 1, "layer 'fc': blob 0: unknown filler 'xaver'; did you mean xavier?"],
    [['missing.prototxt'], 1, 'missing.prototxt: '],
    [['zeros.caffemodel'], 1, 'zeros.caffemodel: weights of Caffe (.caffemodel), not a network definition'],
    [['train_val.prototxt', '--seed', '-1'], 2, "'-1'"],
    [['train_val.prototxt', '--input-shape', '3,8'], 2, "expected N,C,H,W, got '3,8'"],
  ])('fails in one line: %j', async (args, exit, message) => {
    const { code, stdout, stderr } = await init(...args, '-o', 'out.caffemodel');
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^limn: [^\n]+\n$/);
    expect(stdout).toBe('');
    expect(code).toBe(exit);
    expect(filesIn(dir)).not.toContain('out.caffemodel');
  });

  it('writes weights only', async () => {
    const { code, stderr } = await init('train_val.prototxt', '-o', 'out.onnx');
    expect(code).toBe(2);
    expect(stderr).toContain("expected a .caffemodel, got 'out.onnx'");
  });
});

describeShared("init of the paper's networks", () => {
  it('gives what `limn import caffe` takes', async () => {
    const definition = (name: string) =>
      shared(`adience/model_definitions/age_fromscratch_googlenet/${name}`);
    const out = join(dir, 'googlenet.caffemodel');
    const { stdout } = await init(definition('train_val_test_fold_is_0.prototxt'), '--seed', '3', '-o', out);
    expect(stdout).toContain('10,327,880 parameters in 64 layers, seed 3');
    const imported = await limn(
      [
        ...['import', 'caffe', definition('deploy.prototxt'), out],
        ...['--mean', '104,117,123', '-o', join(dir, 'googlenet.onnx')],
      ],
      dir,
    );
    expect(imported).toMatchObject({ code: 0, stderr: '' });
  });
});
