import { describe, expect, it } from 'vitest';
import { importNet, parsePrototxt, upgradeNet } from '../../src/caffe/index.ts';
import { float32 } from '../../src/graph/index.ts';
import { infer } from '../../src/operators/index.ts';
import { expectRoundTrip } from './layer-check.ts';

type Options = Parameters<typeof importNet>[2];
const load = (text: string, options: Options = {}) =>
  importNet(upgradeNet(parsePrototxt(text, 'net'), 'net'), 'net', options);
const layer = (name: string, type: string, bottoms: string, tops: string, params = '') =>
  `layer { name: "${name}" type: "${type}" ${of('bottom', bottoms)} ${of('top', tops)} ${params} }\n`;
const of = (field: string, names: string) =>
  names
    .split(' ')
    .filter(Boolean)
    .map((name) => `${field}: "${name}"`)
    .join(' ');
const input = 'input: "data" input_shape { dim: [1, 3, 8, 8] }\n';
const fc = (outputs: number) => `inner_product_param { num_output: ${outputs} }`;
const conv = (outputs: number) => `convolution_param { num_output: ${outputs} kernel_size: 3 }`;
const nodes = (model: ReturnType<typeof load>) =>
  model.graph.nodes.map(({ name, op, inputs, outputs }) => `${inputs} > ${name} ${op} > ${outputs}`);

describe('names', () => {
  it('are the layers and blobs of the file, with versions where layers write in place', () => {
    const model = load(
      input +
        layer('c', 'Convolution', 'data', 'c', conv(2)) +
        layer('r', 'ReLU', 'c', 'c') +
        layer('d', 'Dropout', 'c', 'c') +
        layer('f', 'InnerProduct', 'c', 'f', fc(4)),
    );
    expect(nodes(model)).toEqual([
      'data,c.weight,c.bias > c Conv > c:c',
      'c:c > r Relu > c:r',
      'c:r > d Dropout > c',
      'c > f:flatten Flatten > f:flatten',
      'f:flatten,f.weight,f.bias > f Gemm > f',
    ]);
    expectRoundTrip(model);
  });

  it('stay those of the inputs where a layer overwrites one', () => {
    const model = load(
      input +
        layer('r', 'ReLU', 'data', 'data') +
        layer('p', 'Power', 'data', 'data', 'power_param { scale: 2 }'),
    );
    expect(nodes(model)).toEqual(['data > r Relu > data:r', 'data:r,p.scale > p Mul > data:p']);
    expectRoundTrip(model);
  });

  it('do not collide', () => {
    const model = load(
      input +
        layer('f', 'InnerProduct', 'data', 'x', fc(4)) +
        layer('flatten', 'ReLU', 'x', 'f') +
        layer('g', 'ReLU', 'f', 'f') +
        layer('x.weight', 'ReLU', 'f', 'f.weight'),
    );
    // The layer `flatten` makes an earlier version of `f`, whose name the step of the layer `f` has.
    expect(nodes(model)).toEqual([
      'data > f:flatten Flatten > f:flatten',
      "f:flatten,f.weight',f.bias > f Gemm > x",
      "x > flatten Relu > f:flatten'",
      "f:flatten' > g Relu > f",
      'f > x.weight Relu > f.weight',
    ]);
    expectRoundTrip(model);
  });

  it('keep what is used later apart from what is overwritten', () => {
    const text =
      input +
      layer('c', 'Convolution', 'data', 'a', conv(2)) +
      layer('s', 'Sigmoid', 'a', 's') +
      layer('r', 'ReLU', 'a', 'a') +
      layer('e', 'Eltwise', 'a s', 'e');
    expect(nodes(load(text)).at(-1)).toBe('a,s > e Add > e');
    expectRoundTrip(load(text));
  });
});

describe('inputs', () => {
  const scores = layer('f', 'InnerProduct', 'data', 'f', fc(4));
  const shapes = (text: string, options: Options = {}) =>
    load(text, options).graph.inputs.map(({ name, shape }) => [name, ...shape]);

  it.each([
    [
      'an Input layer',
      layer('i', 'Input', '', 'data', 'input_param { shape { dim: [10, 3, 8, 9] } }'),
      ['data', 'N', 3, 8, 9],
    ],
    [
      'a Data layer with a crop',
      layer('d', 'Data', '', 'data label', 'transform_param { crop_size: 7 }'),
      ['data', 'N', 3, 7, 7],
    ],
    [
      'a gray Data layer',
      layer('d', 'Data', '', 'data label', 'transform_param { crop_size: 7 force_gray: true }'),
      ['data', 'N', 1, 7, 7],
    ],
    [
      'an ImageData layer',
      layer('d', 'ImageData', '', 'data label', 'image_data_param { new_height: 5 new_width: 6 }'),
      ['data', 'N', 3, 5, 6],
    ],
    [
      'a MemoryData layer',
      layer('d', 'MemoryData', '', 'data label', 'memory_data_param { channels: 2 height: 5 width: 6 }'),
      ['data', 'N', 2, 5, 6],
    ],
    [
      'a DummyData layer',
      layer('d', 'DummyData', '', 'data', 'dummy_data_param { num: 1 channels: 2 height: 5 width: 6 }'),
      ['data', 'N', 2, 5, 6],
    ],
    ['a vector', 'input: "data" input_shape { dim: [1, 7] }\n', ['data', 'N', 7]],
  ])('from %s', (_, text, expected) => {
    expect(shapes(text + scores)).toEqual([expected]);
  });

  it('have the size that is given, or none', () => {
    expect(shapes(input + scores, { inputShape: [1, 3, 5, 5] })).toEqual([['data', 'N', 3, 5, 5]]);
    const data = layer('d', 'Data', '', 'data label');
    expect(shapes(data + scores, { inputShape: [1, 3, 5, 5] })).toEqual([['data', 'N', 3, 5, 5]]);
    expect(() => shapes(data + scores)).toThrow(
      "net:1:1: layer 'd': its size is not known; give inputShape: N×C×H×W",
    );
    expect(() => shapes(scores)).toThrow('net: the network has no input');
    expect(() => shapes(input.replace('8, 8', '0, 8') + scores)).toThrow(
      "net: input 'data': an input cannot have the shape 1×3×0×8",
    );
    const two = layer('i', 'Input', '', 'a b data', 'input_param { shape { dim: 1 } shape { dim: 1 } }');
    expect(() => shapes(two + scores)).toThrow("net:1:1: layer 'i': 2 shapes for 3 tops");
  });

  it('may be several; those that nothing uses are left out', () => {
    const both =
      'input: ["data", "label", "more"] input_shape { dim: [1, 3, 8, 8] } input_shape { dim: 1 } input_shape { dim: [1, 3, 8, 8] }\n';
    const model = load(
      both + layer('e', 'Eltwise', 'data more', 'e') + layer('l', 'SoftmaxWithLoss', 'e label', 'l'),
    );
    expect(model.graph.inputs.map(({ name }) => name)).toEqual(['data', 'more']);
  });
});

describe('outputs and heads', () => {
  const heads = (text: string) =>
    load(input + text).info.heads.map(({ output, kind }) => `${output}: ${kind}`);
  const flat = layer('f', 'InnerProduct', 'data', 'f', fc(4));

  it('are the softmax first, then scores; a single value is a number', () => {
    const age = layer('age', 'InnerProduct', 'f', 'age', fc(1));
    const gender = layer('g', 'InnerProduct', 'f', 'g', fc(2)) + layer('prob', 'Softmax', 'g', 'prob');
    const other = layer('other', 'InnerProduct', 'f', 'other', fc(5));
    expect(heads(flat + age + gender + other)).toEqual(['prob: classes', 'other: classes', 'age: number']);
    expect(heads(flat)).toEqual(['f: classes']);
  });

  it('are no maps', () => {
    expect(heads(layer('c', 'Convolution', 'data', 'c', conv(2)) + flat)).toEqual(['f: classes']);
  });

  it('take the deepest of several heads first', () => {
    const head = (bottom: string, i: number) => layer(`p${i}`, 'Softmax', bottom, `p${i}`);
    expect(heads(flat + head('f', 1) + layer('g', 'InnerProduct', 'f', 'g', fc(4)) + head('g', 2))).toEqual([
      'p2: classes',
      'p1: classes',
    ]);
  });

  it('include tops that nothing takes, and the probabilities of a loss', () => {
    const data = layer('d', 'Data', '', 'data label', 'transform_param { crop_size: 8 }');
    const ends = (tops: string) =>
      load(
        data +
          flat +
          layer('loss', 'SoftmaxWithLoss', 'f label', tops) +
          layer('a', 'Accuracy', 'f label', 'a'),
      ).graph.outputs.map(({ name }) => name);
    expect(ends('l')).toEqual(['l']);
    expect(ends('l prob')).toEqual(['prob']);
    expect(ends('')).toEqual(['loss']);
    const slice = layer('s', 'Slice', 'data', 'a b c', 'slice_param { slice_point: [1, 2] }');
    expect(load(input + slice + layer('r', 'ReLU', 'b', 'b')).graph.outputs.map(({ name }) => name)).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  it('depend on the phase', () => {
    const text =
      flat +
      layer('p', 'Softmax', 'f', 'p', 'include { phase: TEST }') +
      layer('q', 'ReLU', 'f', 'q', 'include { phase: TRAIN }');
    expect(load(input + text).graph.outputs[0].name).toBe('p');
    expect(load(input + text, { state: { phase: 'train' } }).graph.outputs[0].name).toBe('q');
  });
});

describe('weights', () => {
  const text =
    input + layer('c', 'Convolution', 'data', 'c', conv(2)) + layer('f', 'InnerProduct', 'c', 'f', fc(2));
  const zeros = (...shape: number[]) => float32(shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));
  const right = {
    c: { type: 'Convolution', blobs: [zeros(2, 3, 3, 3), zeros(2)] },
    f: { type: 'InnerProduct', blobs: [zeros(1, 1, 2, 72), zeros(1, 1, 1, 2)] },
  };
  const loaded = (weights: object) => () =>
    load(text, { weights: new Map(Object.entries({ ...right, ...weights })), weightsFile: 'w' });

  it('may have the leading ones of older files', () => expect(loaded({})).not.toThrow());

  it('of layers that the network lacks are ignored', () =>
    expect(loaded({ other: { type: 'Bias', blobs: [zeros(3)] } })).not.toThrow());

  it('are complained about all at once', () => {
    const bad = zeros(2);
    bad.data[1] = Number.NaN;
    const weights = {
      c: { type: 'Convolution', blobs: [zeros(2, 3, 5, 5), bad] },
      f: { type: 'InnerProduct', blobs: [zeros(2, 72)] },
    };
    expect(loaded(weights)).toThrow(
      "w: layer 'c': blob 0 is [2,3,5,5], the network needs [2,3,3,3], blob 1 holds NaN at element 1 · " +
        "layer 'f': blob 1 [2] is missing; pass the weights that go with this prototxt",
    );
  });

  it('may be too many', () => {
    const three = { c: { type: 'Convolution', blobs: [...right.c.blobs, zeros(1)] } };
    expect(loaded(three)).toThrow("w: layer 'c': 3 blobs are given, the network needs 2");
  });

  it('of another network are recognised', () => {
    const other = new Map([['x', right.c]]);
    expect(() => load(text, { weights: other, weightsFile: 'w' })).toThrow(/belong to another network$/);
  });
});

describe('errors say where and what', () => {
  const c = layer('c', 'Convolution', 'data', 'c', conv(2));
  it.each([
    [
      layer('a', 'Rocket', 'data', 'a'),
      "net:2:1: layer 'a': layers of type Rocket are not supported; known: AbsVal",
    ],
    [layer('a', 'ReLU', 'dat', 'a'), "net:2:1: layer 'a': its bottom 'dat' is made by no layer before it"],
    [layer('a', 'ReLU', '', 'a'), "net:2:1: layer 'a': it has 0 bottoms, its type takes 1"],
    [layer('a', 'Eltwise', 'data', 'a'), "net:2:1: layer 'a': it has 1 bottom, its type takes at least 2"],
    [layer('a', 'ReLU', 'data', 'a b'), "net:2:1: layer 'a': it has 2 tops, its type takes 1"],
    ['layer { name: "a" type: "ReLU" bottom: "data" top: "" }', 'one of its tops has no name'],
    ['', 'net: the network has no layers that compute anything'],
    [layer('a', 'Convolution', 'data', 'a'), 'convolution_param is missing'],
    [layer('a', 'Convolution', 'data', 'a', 'convolution_param { num_output: 2 }'), 'kernel_size is missing'],
    [
      layer('a', 'Convolution', 'data', 'a', 'convolution_param { kernel_size: 2 }'),
      'num_output must be at least 1, got 0',
    ],
    [
      layer('a', 'Convolution', 'data', 'a', 'convolution_param { num_output: 2 kernel_size: 3 stride: 0 }'),
      'stride must be at least 1',
    ],
    [
      layer('a', 'Convolution', 'data', 'a', 'convolution_param { num_output: 2 kernel_size: 3 group: 2 }'),
      'the number of input channels, 3, does not divide into 2 groups',
    ],
    [
      layer(
        'a',
        'Convolution',
        'data',
        'a',
        'convolution_param { num_output: 2 kernel_size: 3 kernel_h: 3 kernel_w: 3 }',
      ),
      'kernel is given for both axes and for one',
    ],
    [
      layer('a', 'Convolution', 'data', 'a', 'convolution_param { num_output: 2 kernel_size: 9 }'),
      "net:2:1: layer 'a': the kernel (9) is larger than the padded input (8)",
    ],
    [
      layer('a', 'Pooling', 'data', 'a', 'pooling_param { kernel_size: 2 pad: 2 }'),
      'pad 2×2 must be smaller than the kernel 2×2',
    ],
    [
      layer('a', 'Pooling', 'data', 'a', 'pooling_param { kernel_size: 1 stride: 2 }'),
      'its last window starts behind its bottom (8); use round_mode: FLOOR',
    ],
    [
      layer('a', 'Pooling', 'data', 'a', 'pooling_param { pool: STOCHASTIC kernel_size: 2 }'),
      'stochastic pooling is not supported',
    ],
    [
      layer('a', 'Pooling', 'data', 'a b', 'pooling_param { kernel_size: 2 }'),
      'the mask output of max pooling is not supported',
    ],
    [layer('a', 'LRN', 'data', 'a', 'lrn_param { local_size: 4 }'), 'local_size 4 must be odd'],
    [layer('a', 'Slice', 'data', 'a b'), 'an axis of 3 cannot be cut into 2 equal parts; give slice_point'],
    [
      layer('a', 'Slice', 'data', 'a b', 'slice_param { slice_point: 3 }'),
      'slice_point 3 do not ascend within an axis of 3',
    ],
    [layer('a', 'Slice', 'data', 'a b', 'slice_param { axis: 0 slice_point: 1 }'), 'number of images'],
    [
      layer('a', 'Concat', 'data data', 'a', 'concat_param { axis: 0 }'),
      'joining along the batch is not supported',
    ],
    [layer('a', 'Softmax', 'data', 'a', 'softmax_param { axis: 4 }'), 'axis 4 is not one of 4 axes'],
    [c + layer('a', 'Eltwise', 'data c', 'a'), 'its bottoms have different shapes, [N,3,8,8] and [N,2,6,6]'],
    [layer('a', 'Eltwise', 'data data', 'a', 'eltwise_param { coeff: 1 }'), '1 coeff for 2 bottoms'],
    [
      layer('a', 'Scale', 'data', 'a', 'scale_param { axis: 0 num_axes: 2 }'),
      'its weights would depend on the number of images',
    ],
    [
      layer('a', 'Scale', 'data', 'a', 'scale_param { axis: 2 num_axes: 3 }'),
      'num_axes 3 from axis 2 on reaches beyond the 4 axes',
    ],
    [layer('a', 'Flatten', 'data', 'a', 'flatten_param { axis: 0 }'), 'it would merge the images of a batch'],
    [
      layer('a', 'Reshape', 'data', 'a', 'reshape_param { shape { dim: [3, 64] } }'),
      '[N,3,8,8] cannot be reshaped to [3,64] image by image',
    ],
    [layer('a', 'Reshape', 'data', 'a', 'reshape_param { shape { dim: [0, -1, 5] } }'), 'cannot be reshaped'],
    [
      layer('a', 'InnerProduct', 'data', 'a', 'inner_product_param { num_output: 2 axis: 0 }'),
      'it would merge the images of a batch',
    ],
    [
      layer('d', 'Data', '', 'img label', 'transform_param { crop_size: 3 }') +
        layer('a', 'ReLU', 'label', 'a'),
      "its bottom 'label' is a label, which a photo to classify does not bring",
    ],
    [
      layer('m', 'ArgMax', 'data', 'm') + layer('a', 'ReLU', 'm', 'a'),
      "its bottom 'm' is the output of a layer of type ArgMax, which is left out",
    ],
  ])('%s', (text, message) => {
    const run = () => load(input + text);
    expect(run).toThrow(expect.objectContaining({ name: 'LimnError' }));
    expect(run).toThrow(message);
  });
});

describe('canonical nodes', () => {
  it('a BatchNorm and a Scale can be folded: a normalisation, a product and a sum with constants', () => {
    const model = load(
      input +
        layer('b', 'BatchNorm', 'data', 'b') +
        layer('s', 'Scale', 'b', 'b', 'scale_param { bias_term: true }'),
    );
    expect(nodes(model)).toEqual([
      'data,b.scale,b.bias,b.mean,b.variance > b BatchNormalization > b:b',
      'b:b,s.weight > s:scaled Mul > s:scaled',
      's:scaled,s.bias > s Add > b',
    ]);
    expect(model.graph.constants.get('s.weight')?.shape).toEqual([3, 1, 1]);
    expect(infer(model.graph).shapes.get('b')).toEqual(['N', 3, 8, 8]);
  });
});
