import { describe, expect, it } from 'vitest';
import {
  asInputLayer,
  caffeLayers,
  filterNet,
  netInputs,
  parseLabels,
  parseMeanValues,
  parsePrototxt,
  parseSolver,
  upgradeNet,
  upgradeSolver,
  writePrototxt,
} from '../../src/caffe/index.ts';

const parse = (text: string) => parsePrototxt(text, 'net');
const upgrade = (text: string) => upgradeNet(parse(text), 'net');

describe('upgrading', () => {
  it('turns V1 layers into V2 layers', () => {
    const net = upgrade(`name: "n" input: "data" input_dim: [1, 3, 8, 8]
      layers { name: "c" type: CONVOLUTION bottom: "data" top: "c" blobs_lr: 1 blobs_lr: 2 weight_decay: 1
        weight_decay: 0 param: "shared" convolution_param { num_output: 2 } include { phase: TEST } }
      layers { name: "l" type: SOFTMAX_LOSS bottom: "c" bottom: "y" loss_weight: 0.5 }`);
    const expected = parse(`name: "n" input: "data" input_dim: [1, 3, 8, 8]
      layer { name: "c" type: "Convolution" bottom: "data" top: "c"
        param { name: "shared" lr_mult: 1 decay_mult: 1 } param { lr_mult: 2 decay_mult: 0 }
        convolution_param { num_output: 2 } include { phase: TEST } }
      layer { name: "l" type: "SoftmaxWithLoss" bottom: "c" bottom: "y" loss_weight: 0.5 }`);
    expect(writePrototxt(net)).toBe(writePrototxt(expected));
  });

  it('moves preprocessing out of data layers, in both formats', () => {
    const expected = parse(`layer { name: "d" type: "Data" data_param { source: "s" batch_size: 4 }
      transform_param { scale: 0.5 mean_file: "m" crop_size: 6 mirror: true force_gray: true } }`);
    const data =
      'data_param { source: "s" batch_size: 4 scale: 0.5 mean_file: "m" crop_size: 6 mirror: true }';
    const rest = `${data} transform_param { force_gray: true }`;
    const v2 = upgrade(`layer { name: "d" type: "Data" ${rest} }`);
    const v1 = upgrade(`layers { name: "d" type: DATA ${rest} }`);
    expect(writePrototxt(v2)).toBe(writePrototxt(expected));
    expect(writePrototxt(v1)).toBe(writePrototxt(expected));
  });

  it('takes the learning rates from BatchNorm and leaves its argument alone', () => {
    const net = parse('layer { name: "b" type: "BatchNorm" param { } param { } param { } }');
    expect(upgradeNet(net, 'net').layer[0].param).toEqual([]);
    expect(net.layer[0].param).toHaveLength(3);
  });

  it('refuses mixed and V0 formats', () => {
    expect(() => upgrade('layer { name: "a" }\nlayers { name: "b" }')).toThrow(/^net:2:1: .*both/);
    expect(() => upgrade('layers { layer { name: "a" type: "conv" } }')).toThrow(
      /^net:1:1: layer a is in the first/,
    );
  });

  it('names solver types', () => {
    expect(upgradeSolver(parseSolver('solver_type: NESTEROV', 's'), 's').type).toBe('Nesterov');
    expect(upgradeSolver(parseSolver('base_lr: 1', 's'), 's').type).toBe('SGD');
    expect(() => upgradeSolver(parseSolver('type: "SGD" solver_type: SGD', 's'), 's')).toThrow(/both/);
  });
});

describe('inputs', () => {
  it('have shapes from input_shape or input_dim', () => {
    expect(netInputs(parse('input: "a" input_shape { dim: [2, 3] }'), 'net')).toEqual([
      { name: 'a', shape: [2, 3] },
    ]);
    expect(netInputs(parse('input: ["a", "b"] input_dim: [1,2,3,4,5,6,7,8]'), 'net')).toEqual([
      { name: 'a', shape: [1, 2, 3, 4] },
      { name: 'b', shape: [5, 6, 7, 8] },
    ]);
    expect(netInputs(parse('input: "a"'), 'net')).toEqual([{ name: 'a', shape: undefined }]);
    expect(() => netInputs(parse('input: "a" input_dim: 1'), 'net')).toThrow('four input_dim each, got 1');
  });

  it('become an Input layer', () => {
    const net = asInputLayer(parse('input: "a" input_dim: [1,2,3,4] layer { name: "r" }'), 'net');
    const expected =
      'layer { name: "input" type: "Input" top: "a" input_param { shape { dim: [1,2,3,4] } } } layer { name: "r" }';
    expect(writePrototxt(net)).toBe(writePrototxt(parse(expected)));
  });
});

describe('filtering by state', () => {
  const names = (rules: string, state: Parameters<typeof filterNet>[1]) =>
    filterNet(parse(rules), state, 'net').layer.map((layer) => layer.name);

  it.each([
    ['', 'train', {}, true],
    ['include { phase: TRAIN }', 'train', {}, true],
    ['include { phase: TRAIN }', 'test', {}, false],
    ['exclude { phase: TEST }', 'test', {}, false],
    ['exclude { phase: TEST }', 'train', {}, true],
    ['include { phase: TEST } include { stage: "s" }', 'train', { stages: ['s'] }, true],
    ['include { phase: TEST stage: "s" }', 'test', {}, false],
    ['include { stage: ["s", "t"] }', 'test', { stages: ['s'] }, false],
    ['include { not_stage: "s" }', 'test', { stages: ['s'] }, false],
    ['include { not_stage: "s" }', 'test', {}, true],
    ['include { min_level: 1 }', 'test', {}, false],
    ['include { min_level: 1 max_level: 3 }', 'test', { level: 3 }, true],
    ['include { max_level: 3 }', 'test', { level: 4 }, false],
    ['include { }', 'test', {}, true],
    ['exclude { }', 'test', {}, false],
  ] as const)('%s in %s %j: %s', (rules, phase, more, kept) => {
    expect(names(`layer { name: "a" ${rules} }`, { phase, ...more })).toEqual(kept ? ['a'] : []);
  });

  it("uses the file's own level and stages", () => {
    const net =
      'state { level: 2 stage: "s" } layer { name: "a" include { stage: ["s", "t"] min_level: 2 } }';
    expect(names(net, { phase: 'test', stages: ['t'] })).toEqual(['a']);
    expect(names(net, { phase: 'test', stages: ['t'], level: 1 })).toEqual([]);
  });

  it('refuses a layer with both kinds of rules', () => {
    const net = 'layer { name: "a"\n include { }\n exclude { } }';
    expect(() => names(net, { phase: 'test' })).toThrow(
      'net:3:2: layer a has both include and exclude rules',
    );
  });
});

describe('the layer list', () => {
  const list = (text: string) =>
    caffeLayers(parse(text), 'net').map(({ name, bottoms, tops }) => `${bottoms} > ${name} > ${tops}`);

  it('splits inputs first, under the name input', () => {
    const layers = 'layer { name: "p" bottom: "x" top: "p" } layer { name: "q" bottom: "x" top: "q" }';
    const expected = [
      'x > x_input_0_split > x_input_0_split_0,x_input_0_split_1',
      'x_input_0_split_0 > p > p',
      'x_input_0_split_1 > q > q',
    ];
    expect(list(`input: "x" ${layers}`)).toEqual(expected);
    expect(list(`layer { name: "data" type: "Input" top: "x" } ${layers}`)).toEqual(expected);
  });

  it('splits the version of a blob that has several consumers', () => {
    expect(
      list(`input: "x" layer { name: "c" bottom: "x" top: "y" } layer { name: "r" bottom: "y" top: "y" }
        layer { name: "a" bottom: "y" top: "a" } layer { name: "b" bottom: "y" top: "b" }`),
    ).toEqual([
      'x > c > y',
      'y > r > y',
      'y > y_r_0_split > y_r_0_split_0,y_r_0_split_1',
      'y_r_0_split_0 > a > a',
      'y_r_0_split_1 > b > b',
    ]);
  });

  it('counts a loss as the first consumer, and no weight as none', () => {
    const net = (weight: number) => `input: "x"
      layer { name: "l" bottom: "x" top: "a" top: "b" loss_weight: 0 loss_weight: ${weight} }
      layer { name: "s" bottom: "b" top: "s" }`;
    expect(list(net(1))).toEqual([
      'x > l > a,b',
      'b > b_l_1_split > b_l_1_split_0,b_l_1_split_1',
      'b_l_1_split_1 > s > s',
    ]);
    expect(list(net(0))).toEqual(['x > l > a,b', 'b > s > s']);
  });

  it('names a bottom that nothing makes', () => {
    expect(() => list('layer {\n name: "a" bottom: "x" }')).toThrow(
      "net:1:1: layer 'a': its bottom 'x' is made by no layer before it",
    );
  });
});

describe('mean values and labels', () => {
  it('are read', () => {
    expect(parseMeanValues('104, 117.5,-1', '--mean')).toEqual([104, 117.5, -1]);
    expect(parseMeanValues('127', '--mean')).toEqual([127]);
    expect(parseLabels('\uFEFFcat\r\n\r\n  dog \nfish\n\n', 'f')).toEqual(['cat', 'dog', 'fish']);
    expect(parseLabels('n00000001 cat, kitty\nn00000002 dog', 'f')).toEqual(['cat, kitty', 'dog']);
    expect(parseLabels('n00000001 cat\nn00000002', 'f')).toEqual(['n00000001 cat', 'n00000002']);
  });

  it.each(['', '1,,2', '1;2', 'mean.npy', '1,inf'])('mean values %j are refused', (text) => {
    expect(() => parseMeanValues(text, '--mean')).toThrow(/^--mean: expected numbers/);
  });

  it.each(['', '\n \r\n', 'a\0b'])('labels %j are refused', (text) => {
    expect(() => parseLabels(text, 'labels.txt')).toThrow(/^labels.txt: /);
  });
});
