import { describe, expect, it } from 'vitest';
import { importTraining, parsePrototxt, upgradeNet } from '../../src/caffe/index.ts';
import { trainStep } from '../../src/training/step.ts';
import { array, random } from '../operators/random.ts';
import { map } from '../reference/array.ts';
import { innerProduct } from '../reference/caffe/movement.ts';
import { euclideanLoss } from '../reference/losses.ts';
import { checkTraining, input, scalar } from './check.ts';
import { trainingNet } from './pass.ts';

const dense = (name: string, bottom: string, outputs: number, params = '', more = '') =>
  `layer { name: "${name}" type: "InnerProduct" bottom: "${bottom}" top: "${name}" ${params}
    inner_product_param { num_output: ${outputs} ${more} } }`;
const loss = (bottom: string, extra = '') =>
  `layer { name: "loss" type: "EuclideanLoss" bottom: "${bottom}" bottom: "target" top: "loss" ${extra} }`;
const data = input({ data: [3, 4], target: [3, 4] });

describe('parameters', () => {
  it('have names, shapes, factors and fillers as their layers say', () => {
    const net =
      trainingNet(`layers { name: "data" type: DATA top: "data" top: "label" data_param { batch_size: 2 }
        transform_param { crop_size: 8 } }
      layers { name: "conv" type: CONVOLUTION bottom: "data" top: "conv" blobs_lr: 1 blobs_lr: 2 weight_decay: 1
        weight_decay: 0 convolution_param { num_output: 4 kernel_size: 3 weight_filler { type: "xavier" } } }
      layers { name: "fc" type: INNER_PRODUCT bottom: "conv" top: "fc" blobs_lr: 0 blobs_lr: 0
        inner_product_param { num_output: 5 bias_filler { type: "constant" value: 0.1 } } }
      layers { name: "loss" type: SOFTMAX_LOSS bottom: "fc" bottom: "label" }`);
    expect(net.parameters.map(({ filler, ...rest }) => ({ ...rest, filler: filler?.type }))).toEqual([
      {
        name: 'conv.weight',
        shape: [4, 3, 3, 3],
        blobs: [{ layer: 'conv', blob: 0 }],
        rateFactor: 1,
        decayFactor: 1,
        filler: 'xavier',
      },
      {
        name: 'conv.bias',
        shape: [4],
        blobs: [{ layer: 'conv', blob: 1 }],
        rateFactor: 2,
        decayFactor: 0,
        filler: undefined,
      },
      {
        name: 'fc.weight',
        shape: [5, 144],
        blobs: [{ layer: 'fc', blob: 0 }],
        rateFactor: 0,
        decayFactor: 1,
        filler: undefined,
      },
      {
        name: 'fc.bias',
        shape: [5],
        blobs: [{ layer: 'fc', blob: 1 }],
        rateFactor: 0,
        decayFactor: 1,
        filler: 'constant',
      },
    ]);
    expect(net.data).toMatchObject([
      { data: 'data', label: 'label', batchSize: 2, where: "net:1:1: layer 'data'" },
    ]);
    // Nothing is differentiated for what is not trained.
    expect(trainStep(net).outputs.map(({ name }) => name)).toEqual([
      'loss:loss',
      'gradient:conv.weight',
      'gradient:conv.bias',
    ]);
  });

  it("start from Caffe's own fillers where a layer has some", () => {
    const net = trainingNet(`${input({ data: [1, 3] })}
      layer { name: "scale" type: "Scale" bottom: "data" top: "scale" scale_param { bias_term: true } }
      layer { name: "slope" type: "PReLU" bottom: "scale" top: "slope" }`);
    expect(net.parameters.map(({ name, filler }) => [name, filler?.type, filler?.value])).toEqual([
      ['scale.weight', 'constant', 1],
      ['scale.bias', undefined, undefined],
      ['slope.slope', 'constant', 0.25],
    ]);
  });

  it('are shared by name, and add up their gradients', async () => {
    const shared = 'param { name: "w" lr_mult: 3 } param { name: "b" }';
    const second = 'param { name: "w" } param { name: "b" lr_mult: 2 decay_mult: 0 }';
    const net = trainingNet(`${data} ${dense('a', 'data', 4, shared)}
      layer { name: "tanh" type: "TanH" bottom: "a" top: "t" } ${dense('b', 't', 4, second)} ${loss('b')}`);
    expect(net.parameters).toMatchObject([
      {
        name: 'a.weight',
        blobs: [
          { layer: 'a', blob: 0 },
          { layer: 'b', blob: 0 },
        ],
        rateFactor: 3,
        decayFactor: 1,
      },
      { name: 'a.bias', rateFactor: 2, decayFactor: 0 },
    ]);
    await checkTraining({
      net,
      inputs: { data: array(random(1), [3, 4]), target: array(random(2), [3, 4]) },
      reference(v) {
        const through = (x: typeof v.data) => innerProduct(x, v['a.weight'], v['a.bias'], false);
        const value = euclideanLoss(through(map(through(v.data), Math.tanh)), v.target).value / 3;
        return { outputs: { loss: scalar(value) }, objective: value };
      },
      seed: 3,
    });
  });

  it.each([
    [
      'param { name: "w" lr_mult: 1 }',
      'param { name: "w" lr_mult: 2 }',
      4,
      "layer 'b': lr_mult 2 of the shared 'w'",
    ],
    ['param { name: "w" decay_mult: 1 }', 'param { name: "w" decay_mult: 0 }', 4, "layer 'b': decay_mult 0"],
    [
      'param { name: "w" }',
      'param { name: "w" share_mode: PERMISSIVE }',
      5,
      "layer 'b': its blob 0 [5,4] cannot be",
    ],
  ])('shared but different: %s, %s', (first, second, outputs, error) => {
    const text = `${data} ${dense('a', 'data', 4, first)} ${dense('b', 'a', outputs, second)}`;
    expect(() => trainingNet(text)).toThrow(error);
  });

  it('as many as a layer has blobs', () => {
    const text = `${data} ${dense('a', 'data', 4, 'param {} param {}', 'bias_term: false')}`;
    expect(() => trainingNet(text)).toThrow("layer 'a': 2 param for 1 blobs");
  });

  it('get zeros where no loss depends on them, or nothing passes through', async () => {
    const net = trainingNet(`${data} ${dense('a', 'data', 4)} ${dense('b', 'a', 4, 'propagate_down: false')}
      ${loss('b')} ${dense('c', 'b', 2)}`);
    const inputs = { data: array(random(1), [3, 4]), target: array(random(2), [3, 4]) };
    const a = { 'a.weight': array(random(4), [4, 4]), 'a.bias': array(random(5), [4]) };
    await checkTraining({
      net,
      inputs,
      parameters: a,
      reference(v) {
        // What the moved a would make is not seen.
        const first = innerProduct(v.data, a['a.weight'], a['a.bias'], false);
        const b = innerProduct(first, v['b.weight'], v['b.bias'], false);
        const value = euclideanLoss(b, v.target).value / 3;
        const c = innerProduct(b, v['c.weight'], v['c.bias'], false);
        return { outputs: { c, loss: scalar(value) }, objective: value };
      },
      seed: 3,
    });
  });
});

describe('inputs', () => {
  const read = (text: string, shapes?: ReadonlyMap<string, readonly number[]>) =>
    importTraining(upgradeNet(parsePrototxt(text, 'net'), 'net'), 'net', {
      phase: 'train',
      ...(shapes && { shapes }),
    });
  const pictures = (type: string, params: string) =>
    `layer { name: "faces" type: "${type}" top: "data" top: "label" ${params} } ${dense('a', 'data', 2)}
     layer { name: "loss" type: "SoftmaxWithLoss" bottom: "a" bottom: "label" top: "loss" }`;
  const inputsOf = (net: ReturnType<typeof read>) =>
    net.graph.inputs.slice(0, 2).map(({ name, type, shape }) => [name, type, shape]);

  it.each([
    ['Data', 'data_param { batch_size: 4 }', 1],
    ['ImageData', 'image_data_param { batch_size: 4 }', 1],
    ['MemoryData', 'memory_data_param { batch_size: 4 channels: 3 height: 9 width: 8 }', 0],
    ['HDF5Data', 'hdf5_data_param { batch_size: 4 }', 0],
  ])('of %s, in the size of its pictures', (type, params, layers) => {
    const net = read(pictures(type, params), new Map([['faces', [3, 5, 6]]]));
    expect(inputsOf(net)).toEqual([
      ['data', 'float32', ['N', 3, 5, 6]],
      ['label', 'int64', ['N']],
    ]);
    expect(net.data.map(({ batchSize }) => batchSize)).toEqual(layers === 1 ? [4] : []);
  });

  it('of a data layer that nothing but its first top is taken from', () => {
    const net = read(`layer { name: "faces" type: "Data" top: "data" top: "label" data_param { batch_size: 1 }
      transform_param { crop_size: 6 force_gray: true } } ${dense('a', 'data', 2)}`);
    expect(inputsOf(net)).toEqual([
      ['data', 'float32', ['N', 1, 6, 6]],
      ['label', 'int64', ['N']],
    ]);
    expect(net.outputs.map(({ name }) => name)).toEqual(['a']);
  });

  it.each([
    [pictures('Data', 'data_param { batch_size: 4 }'), "layer 'faces': its size is not known"],
    [pictures('Data', 'transform_param { crop_size: 4 }'), "layer 'faces': batch_size is missing"],
    [dense('a', 'data', 2), 'no input'],
    [
      `${data} layer { name: "odd" type: "InfogainLoss" bottom: "data" bottom: "target" }`,
      'InfogainLoss are not',
    ],
    [
      `${input({ data: [2, 3], labels: [2, 2] })} layer { name: "cut" type: "Slice" bottom: "labels" top: "l" top: "m" }
       layer { name: "loss" type: "SoftmaxWithLoss" bottom: "data" bottom: "l" loss_param { ignore_label: 1 } }`,
      "layer 'loss': labels that count cannot be counted in 'l'",
    ],
    [
      `${data} layer { name: "best" type: "ArgMax" bottom: "data" top: "best" } ${dense('a', 'best', 2)}`,
      "its bottom 'best' is the output of a layer of type ArgMax, which is left out",
    ],
  ])('refused: %#', (text, error) => expect(() => read(text)).toThrow(error));
});
