import { readFileSync } from 'node:fs';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  exportWeights,
  FillerParameterSchema,
  importCaffe,
  type LayerWeights,
  NetParameterSchema,
  parsePrototxt,
  readCaffemodel,
  upgradeNet,
  writeCaffemodel,
} from '../../src/caffe/index.ts';
import { importTraining } from '../../src/caffe/training/import.ts';
import type { Parameter } from '../../src/caffe/training/net.ts';
import { float32, size } from '../../src/graph/index.ts';
import { fill, streamOf } from '../../src/training/fillers/index.ts';
import { describeInitial, initialWeights, type TrainedWeights } from '../../src/training/initial.ts';
import { noise } from '../nets.ts';
import { describeShared, shared } from '../shared.ts';

const gaussian = { type: 'gaussian', std: 0.1 };

const parameter = (
  layer: string,
  blob: number,
  shape: number[],
  filler?: MessageInitShape<typeof FillerParameterSchema>,
): Parameter => ({
  name: `${layer}.${blob === 0 ? 'weight' : 'bias'}`,
  shape,
  blobs: [{ layer, blob }],
  rateFactor: 1,
  decayFactor: 1,
  filler: filler && create(FillerParameterSchema, filler),
});

const parameters = [
  parameter('conv1', 0, [4, 3, 2, 2], gaussian),
  parameter('conv1', 1, [4]),
  parameter('fc8', 0, [2, 6], gaussian),
  parameter('fc8', 1, [2], { type: 'constant', value: 0.2 }),
];

const source = (name: string, layers: Record<string, number[][]>, seed = 1): TrainedWeights => ({
  name,
  weights: new Map(
    Object.entries(layers).map(([layer, shapes]): [string, LayerWeights] => [
      layer,
      { type: 'X', blobs: shapes.map((shape, i) => noise(shape, seed + i)) },
    ]),
  ),
});

const of = (sources: TrainedWeights[], all = parameters, seed = 3) =>
  initialWeights(all, sources, { seed, file: 'train_val.prototxt' });

const conv1 = [[4, 3, 2, 2], [4]];
const fc8 = [[2, 6], [2]];

describe('initial weights', () => {
  it('are filled anew where there is nothing to copy', () => {
    const { weights, copied, fresh, ignored } = of([]);
    expect([...weights.keys()]).toEqual(['conv1.weight', 'conv1.bias', 'fc8.weight', 'fc8.bias']);
    expect({ copied, fresh, ignored }).toEqual({ copied: [], fresh: ['conv1', 'fc8'], ignored: [] });
    expect(weights.get('conv1.bias')).toEqual(new Float32Array(4));
    expect(weights.get('fc8.bias')).toEqual(new Float32Array(2).fill(0.2));
    const filler = create(FillerParameterSchema, gaussian);
    expect(weights.get('fc8.weight')).toEqual(fill([2, 6], filler, 3, streamOf('fc8', 0), ''));
    expect(of([], parameters, 4).weights.get('fc8.weight')).not.toEqual(weights.get('fc8.weight'));
  });

  it('do not change when a layer is added', () => {
    const more = [parameter('new', 0, [7, 7], gaussian), ...parameters];
    const { weights } = of([], more);
    for (const [name, values] of of([]).weights) expect(weights.get(name)).toEqual(values);
  });

  it('are copied by the names of layers, the rest filled', () => {
    const given = source('a.caffemodel', { conv1, fc7: [[9, 9]] });
    const made = of([given]);
    expect(made.weights.get('conv1.weight')).toEqual(given.weights.get('conv1')!.blobs[0].data);
    expect(made.weights.get('conv1.bias')).toEqual(given.weights.get('conv1')!.blobs[1].data);
    expect(made.weights.get('fc8.weight')).toEqual(of([]).weights.get('fc8.weight'));
    const { copied, fresh, ignored } = made;
    expect(copied).toEqual([{ layer: 'conv1', from: 'a.caffemodel' }]);
    expect(fresh).toEqual(['fc8']);
    expect(ignored).toEqual([{ layer: 'fc7', from: 'a.caffemodel' }]);
    expect(describeInitial(made)).toBe(
      'copied from a.caffemodel: conv1\nfilled anew: fc8\nnot in the network, of a.caffemodel: fc7\n',
    );
  });

  it('belong to nobody else', () => {
    const given = source('a', { conv1, fc8 });
    for (const values of of([given]).weights.values()) values.fill(7);
    expect(given.weights.get('conv1')!.blobs[0].data[0]).not.toBe(7);
  });

  it("are the last source's of several", () => {
    const [a, b] = [source('a', { conv1, fc8 }, 1), source('b', { fc8 }, 50)];
    const { weights, copied, fresh } = of([a, b]);
    expect(weights.get('conv1.weight')).toEqual(a.weights.get('conv1')!.blobs[0].data);
    expect(weights.get('fc8.weight')).toEqual(b.weights.get('fc8')!.blobs[0].data);
    expect(copied).toEqual([
      { layer: 'conv1', from: 'a' },
      { layer: 'fc8', from: 'b' },
    ]);
    expect(fresh).toEqual([]);
    expect(of([b, a]).weights.get('fc8.weight')).toEqual(a.weights.get('fc8')!.blobs[0].data);
  });

  it('are shared by layers, whichever of them a source has', () => {
    const shared = {
      ...parameters[2],
      blobs: [
        { layer: 'fc8', blob: 0 },
        { layer: 'twin', blob: 0 },
      ],
    };
    const all = [parameters[0], parameters[1], shared, parameters[3]];
    const given = source('a', { twin: [[2, 6]] });
    const { weights, copied, fresh } = of([given], all);
    expect(weights.get('fc8.weight')).toEqual(given.weights.get('twin')!.blobs[0].data);
    expect(weights.get('fc8.bias')).toEqual(new Float32Array(2).fill(0.2));
    expect(copied).toEqual([{ layer: 'twin', from: 'a' }]);
    expect(fresh).toEqual(['conv1']);
    expect(of([], all).weights.get('fc8.weight')).toEqual(of([]).weights.get('fc8.weight'));
  });

  it('take the four axes of older files', () => {
    const { weights } = of([
      source('old', {
        fc8: [
          [1, 1, 2, 6],
          [1, 1, 1, 2],
        ],
      }),
    ]);
    expect(weights.get('fc8.weight')).toHaveLength(size([2, 6]));
  });

  it.each([
    [
      { fc8: [[1000, 6], [1000]] },
      "w: layer 'fc8': blob 0: it is [1000,6], the network's is [2,6]; rename the layer in train_val.prototxt",
    ],
    [{ fc8: [[6, 2], [2]] }, "it is [6,2], the network's is [2,6]"],
    [{ fc8: [[2, 6]] }, "w: layer 'fc8': it has 1 blobs, the network's has 2; rename the layer in"],
  ])('do not come from a layer of another shape: %o', (layers, message) => {
    expect(() => of([source('w', layers)])).toThrow(message);
  });

  it('are finite', () => {
    const given = source('w', { fc8 });
    given.weights.get('fc8')!.blobs[1].data[1] = Number.NaN;
    expect(() => of([given])).toThrow(
      "w: layer 'fc8': blob 1: it holds NaN at element 1; take other weights",
    );
  });

  it('name a filler that is wrong by its network and layer', () => {
    const all = [parameter('conv1', 0, [4, 3, 2, 2], { type: 'xaver' })];
    expect(() => of([], all)).toThrow(
      "train_val.prototxt: layer 'conv1': blob 0: unknown filler 'xaver'; did you mean xavier?",
    );
    expect(of([source('w', { conv1: [[4, 3, 2, 2]] })], all).fresh).toEqual([]);
  });
});

it("weights of a model that came from Caffe are Caffe's blobs again", () => {
  const prototxt = `name: "n" input: "data" input_shape { dim: [1, 4, 8, 8] }
    layer { name: "conv1" type: "Convolution" bottom: "data" top: "conv1"
      convolution_param { num_output: 6 kernel_size: 3 group: 2 } }
    layer { name: "bn" type: "BatchNorm" bottom: "conv1" top: "conv1" }
    layer { name: "scale" type: "Scale" bottom: "conv1" top: "conv1" scale_param { bias_term: true } }
    layer { name: "slope" type: "PReLU" bottom: "conv1" top: "conv1" }
    layer { name: "fc" type: "InnerProduct" bottom: "conv1" top: "fc" inner_product_param { num_output: 5 } }
    layer { name: "turned" type: "InnerProduct" bottom: "fc" top: "turned"
      inner_product_param { num_output: 3 transpose: true bias_term: false } }
    layer { name: "prob" type: "Softmax" bottom: "turned" top: "prob" }`;
  const shapes: Record<string, [string, number[][]]> = {
    conv1: ['Convolution', [[6, 2, 3, 3], [6]]],
    bn: ['BatchNorm', [[6], [6], [1]]],
    scale: ['Scale', [[6], [6]]],
    slope: ['PReLU', [[6]]],
    fc: ['InnerProduct', [[5, 216], [5]]],
    turned: ['InnerProduct', [[5, 3]]],
  };
  const weights = new Map(
    Object.entries(shapes).map(([layer, [type, all]], i): [string, LayerWeights] => [
      layer,
      {
        type,
        blobs: all.map((shape, j) =>
          layer === 'bn' && j === 2 ? float32([1], [1]) : noise(shape, 9 * i + j),
        ),
      },
    ]),
  );
  const net = create(NetParameterSchema, {
    name: 'n',
    layer: Object.entries(shapes).map(([name, [type]]) => ({ name, type })),
  });
  const model = importCaffe({
    prototxt: { name: 'n.prototxt', content: prototxt },
    caffemodel: { name: 'n.caffemodel', content: writeCaffemodel(net, weights) },
    converter: 'test',
  });
  const back = exportWeights(model);
  expect([...back.keys()].sort()).toEqual([...weights.keys()].sort());
  for (const [layer, { blobs }] of weights) {
    expect(back.get(layer)!.blobs.map(({ shape }) => shape)).toEqual(blobs.map(({ shape }) => shape));
    for (const [i, { data }] of blobs.entries())
      expect([...back.get(layer)!.blobs[i].data]).toEqual([...data]);
  }
});

it('weights are found in a model that Caffe could not express as a whole', () => {
  const model = importCaffe({
    prototxt: {
      name: 'n.prototxt',
      content: `name: "n" input: "data" input_shape { dim: [1, 6] }
        layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 5 } }`,
    },
    converter: 'test',
  });
  const { graph } = model;
  const strange = { op: 'HardSwish', name: 'strange', inputs: ['fc'], outputs: ['y'], attributes: {} };
  const outputs = [{ ...graph.outputs[0], name: 'y' }];
  const changed = { ...model, graph: { ...graph, nodes: [...graph.nodes, strange], outputs } };
  expect([...exportWeights(changed).keys()]).toEqual(['fc']);
});

describeShared("fine-tuning the paper's GoogLeNet", () => {
  it('copies all layers of ImageNet weights but the renamed last ones', () => {
    const file = shared(
      'adience/model_definitions/age_finetuning_googlenet/train_val_test_fold_is_0.prototxt',
    );
    const weightsFile = shared('models/bvlc_googlenet.caffemodel');
    const net = upgradeNet(parsePrototxt(readFileSync(file, 'utf8'), file), file);
    const { parameters } = importTraining(net, file, { phase: 'train' });
    const given = readCaffemodel(readFileSync(weightsFile), weightsFile);
    const { weights, copied, fresh, ignored } = initialWeights(parameters, [{ name: 'w', weights: given }], {
      seed: 1,
      file,
    });
    // The published file has no auxiliary heads.
    expect(copied).toHaveLength(57);
    expect(fresh).toEqual([
      'loss1/conv',
      'loss1/fc',
      'loss1/classifier_agexgender',
      'loss2/conv',
      'loss2/fc',
      'loss2/classifier_agexgender',
      'loss3/classifier_agexgender',
    ]);
    expect(ignored).toEqual([{ layer: 'loss3/classifier', from: 'w' }]);
    for (const { layer } of copied) {
      const own = parameters.filter(({ blobs }) => blobs[0].layer === layer);
      expect(own.length).toBe(2);
      for (const { name, blobs } of own) {
        const source = given.get(layer)!.blobs[blobs[0].blob].data;
        expect(weights.get(name)!.every((value, k) => value === source[k])).toBe(true);
      }
    }
  });
});
