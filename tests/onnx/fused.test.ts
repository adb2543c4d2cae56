import { describe, expect, it } from 'vitest';
import { float } from '../../src/graph/graph.ts';
import { float32, type Tensor, tensor } from '../../src/graph/tensor.ts';
import { readOnnx } from '../../src/onnx/index.ts';
import { noise, type OldModel, type OldNode, oldBytes, run, runGraph } from './support.ts';

const x = noise([2, 3, 4, 5]);
const domain = 'com.microsoft';
const one = (op: string, inputs: string[], attributes: OldNode['attributes'] = {}): OldNode[] => [
  { op, name: 'n', domain, inputs, outputs: ['y'], attributes },
];

type Case = OldModel & { readonly feeds?: Record<string, Tensor>; readonly ops: readonly string[] };

const kernel = { w: noise([3, 3, 3, 3], 2), b: noise([3], 3) };
const padded = { pads: [1, 1, 1, 1] };
const activated = (activation: string, parameters: number[], ...ops: string[]): Case => ({
  opset: 13,
  weights: kernel,
  nodes: one('FusedConv', ['x', 'w', 'b'], {
    ...padded,
    activation,
    ...(parameters.length > 0 && { activation_params: { floats: parameters } }),
  }),
  ops: ['Conv', ...ops],
});
const matrices = { inputs: { x: [2, 3, 4, 5] }, feeds: { x } };
const layer = { gamma: noise([5], 4), beta: noise([5], 5), bias: noise([5], 6), skip: noise([2, 3, 5], 7) };
const tokens = { inputs: { x: [2, 3, 5] }, feeds: { x: noise([2, 3, 5]) } };

const cases: Record<string, Case> = {
  'FusedConv, Relu': activated('Relu', [], 'Relu'),
  'FusedConv, LeakyRelu': activated('LeakyRelu', [0.3], 'LeakyRelu'),
  'FusedConv, HardSigmoid': activated('HardSigmoid', [0.3, 0.4], 'HardSigmoid'),
  'FusedConv, Clip': activated('Clip', [-0.5, 1], 'Clip'),
  'FusedConv, Tanh': activated('Tanh', [], 'Tanh'),
  'FusedConv with an addend': {
    opset: 13,
    weights: kernel,
    nodes: one('FusedConv', ['x', 'w', 'b', 'x'], { ...padded, activation: 'Relu' }),
    ops: ['Conv', 'Add', 'Relu'],
  },
  FusedGemm: {
    opset: 13,
    inputs: { x: [4, 5] },
    feeds: { x: noise([4, 5]) },
    weights: { w: noise([6, 5], 2), b: noise([6], 3) },
    nodes: one('FusedGemm', ['x', 'w', 'b'], {
      transB: 1,
      activation: 'LeakyRelu',
      activation_alpha: float(0.2),
    }),
    ops: ['Gemm', 'LeakyRelu'],
  },
  'FusedMatMul of what is transposed, times a number': {
    ...matrices,
    opset: 13,
    nodes: one('FusedMatMul', ['x', 'x'], { transB: 1, alpha: float(0.5) }),
    ops: ['Transpose', 'MatMul', 'Mul'],
  },
  'FusedMatMul, the first transposed': {
    ...matrices,
    opset: 13,
    nodes: one('FusedMatMul', ['x', 'x'], { transA: 1 }),
    ops: ['Transpose', 'MatMul'],
  },
  Gelu: { opset: 13, nodes: one('Gelu', ['x']), ops: ['Gelu'] },
  BiasGelu: {
    opset: 13,
    weights: { b: noise([5], 3) },
    nodes: one('BiasGelu', ['x', 'b']),
    ops: ['Add', 'Gelu'],
  },
  FastGelu: {
    opset: 13,
    weights: { b: noise([5], 3) },
    nodes: one('FastGelu', ['x', 'b']),
    ops: ['Add', 'Gelu'],
  },
  QuickGelu: { opset: 13, nodes: one('QuickGelu', ['x']), ops: ['Swish'] },
  SkipLayerNormalization: {
    ...tokens,
    opset: 13,
    weights: layer,
    nodes: one('SkipLayerNormalization', ['x', 'skip', 'gamma', 'beta', 'bias'], { epsilon: float(1e-5) }),
    ops: ['Add', 'Add', 'LayerNormalization'],
  },
  'SkipLayerNormalization whose sum is used': {
    ...tokens,
    opset: 13,
    weights: layer,
    nodes: [
      {
        op: 'SkipLayerNormalization',
        domain,
        inputs: ['x', 'skip', 'gamma', 'beta'],
        outputs: ['n', '', '', 's'],
      },
      { op: 'Add', inputs: ['n', 's'], outputs: ['y'] },
    ],
    ops: ['Add', 'LayerNormalization', 'Add'],
  },
  SkipSimplifiedLayerNormalization: {
    ...tokens,
    opset: 13,
    weights: layer,
    nodes: one('SkipSimplifiedLayerNormalization', ['x', 'skip', 'gamma'], { epsilon: float(1e-5) }),
    ops: ['Add', 'RMSNormalization'],
  },
};

describe('operators that ONNX Runtime makes of several are taken apart', () => {
  it.each(Object.entries(cases))('%s', async (_, { feeds = { x }, ops, ...model }) => {
    const bytes = oldBytes(model);
    const { graph } = readOnnx(bytes, 'm.onnx');
    expect(graph.nodes.map(({ op }) => op)).toEqual(ops);
    expect(graph.nodes.every((node) => node.domain === undefined)).toBe(true);
    const [ours, theirs] = [await runGraph(graph, feeds), await run(bytes, feeds)];
    expect(ours.y.shape).toEqual(theirs.y.shape);
    const largest = Math.max(...theirs.y.data.map(Math.abs));
    ours.y.data.forEach((value, i) => {
      expect(Math.abs(value - theirs.y.data[i])).toBeLessThan(2e-6 * largest);
    });
  });

  it.each([
    [one('FusedConv', ['x']), /\(FusedConv\): it needs 2 inputs/],
    [
      one('FusedConv', ['x', 'w'], { activation: 'Softsign' }),
      /\(FusedConv\): its activation is not supported/,
    ],
    [one('FusedMatMul', ['x', 'x'], { transBatchA: 1 }), /\(FusedMatMul\): transposed stacks/],
  ])('or refused', (nodes, message) => {
    expect(() => readOnnx(oldBytes({ opset: 13, nodes, weights: kernel }), 'm.onnx')).toThrow(message);
  });
});

describe('Attention of operator set 23 is its parts', () => {
  const q4 = [2, 3, 4, 6];
  const kv4 = [2, 3, 5, 6];
  const q3 = [2, 4, 18];
  const kv3 = [2, 5, 18];
  const heads = { q_num_heads: 3, kv_num_heads: 3 };
  const attend = (inputs: string[], attributes: OldNode['attributes'] = {}): OldNode[] => [
    { op: 'Attention', name: 'n', inputs, outputs: ['y'], attributes },
  ];
  const attention = (q: number[], kv: number[], nodes: OldNode[], weights: Record<string, Tensor> = {}) => ({
    opset: 23,
    inputs: { q, k: kv, v: kv },
    nodes,
    weights,
  });
  const models: Record<string, OldModel> = {
    'heads as an axis': attention(q4, kv4, attend(['q', 'k', 'v'])),
    'heads side by side': attention(q3, kv3, attend(['q', 'k', 'v'], heads)),
    'a scale of its own': attention(q3, kv3, attend(['q', 'k', 'v'], { ...heads, scale: float(0.2) })),
    'a mask that is added': attention(q4, kv4, attend(['q', 'k', 'v', 'm']), { m: noise([4, 5], 9) }),
    'a mask of what is seen': attention(q3, kv3, attend(['q', 'k', 'v', 'm'], heads), {
      m: tensor(
        'bool',
        [4, 5],
        Uint8Array.from({ length: 20 }, (_, i) => Number(i % 3 !== 0)),
      ),
    }),
  };
  it.each(Object.entries(models))('%s', async (_, model) => {
    const bytes = oldBytes(model);
    const { graph } = readOnnx(bytes, 'm.onnx');
    expect(graph.nodes.filter(({ op }) => op === 'MatMul')).toHaveLength(2);
    expect(graph.nodes.filter(({ op }) => op === 'Softmax')).toHaveLength(1);
    const { q, k, v } = model.inputs as Record<string, number[]>;
    const feeds = { q: noise(q, 1), k: noise(k, 2), v: noise(v, 3) };
    const [ours, theirs] = [await runGraph(graph, feeds), await run(bytes, feeds)];
    expect(ours.y.shape).toEqual(theirs.y.shape);
    ours.y.data.forEach((value, i) => {
      expect(Math.abs(value - theirs.y.data[i])).toBeLessThan(2e-6);
    });
  });

  it.each([
    [attend(['q', 'k', 'v'], { ...heads, is_causal: 1 }), /\(Attention\): causal masks are not supported/],
    [attend(['q', 'k', 'v'], { ...heads, softcap: float(2) }), /\(Attention\): soft caps are not supported/],
    [attend(['q', 'k', 'v'], { q_num_heads: 6, kv_num_heads: 3 }), /groups of queries that share keys/],
    [attend(['q', 'k', 'v']), /attribute 'q_num_heads' is missing/],
  ])('or refused', (nodes, message) => {
    expect(() => readOnnx(oldBytes(attention(q3, kv3, nodes)), 'm.onnx')).toThrow(message);
  });
});

describe('convolutions of sounds and volumes are refused', () => {
  it.each([
    ['Conv', [2, 3, 8], [4, 3, 3], 1],
    ['Conv', [2, 3, 4, 5, 6], [4, 3, 2, 2, 2], 3],
    ['ConvTranspose', [2, 3, 8], [3, 4, 3], 1],
    ['ConvTranspose', [2, 3, 4, 5, 6], [3, 4, 2, 2, 2], 3],
    ['QLinearConv', [2, 3, 8], [4, 3, 3], 1],
  ] as const)('%s of %j', (op, shape, kernelShape, dimensions) => {
    const isQuantised = op === 'QLinearConv';
    const s = float32([], [0.1]);
    const inputs = isQuantised ? ['x', 's', '', 'w', 's', '', 's', ''] : ['x', 'w'];
    const model: OldModel = {
      opset: 13,
      inputs: { x: shape },
      weights: { w: noise(kernelShape), s },
      nodes: [{ op, name: 'n', inputs, outputs: ['y'] }],
    };
    expect(() => readOnnx(oldBytes(model), 'm.onnx')).toThrow(
      `a convolution of ${dimensions} dimensions is not supported; limn is for images`,
    );
  });
});
