import { describe, expect, it } from 'vitest';
import { float, type Node } from '../../src/graph/graph.ts';
import { float32, int64, type Tensor } from '../../src/graph/tensor.ts';
import { readOnnx } from '../../src/onnx/index.ts';
import { noise, type OldModel, oldBytes, run, runGraph } from './support.ts';

const x = noise([2, 3, 4, 5]);
const one = (op: string, attributes = {}, inputs = ['x']) => [
  { op, name: 'n', inputs, outputs: ['y'], attributes },
];
const bn = { s: noise([3], 2), b: noise([3], 3), m: noise([3], 4), v: float32([3], [0.5, 1, 2]) };
const bnInputs = ['x', 's', 'b', 'm', 'v'];

/** Models in their own operator set; the form that is expected of them in ours. */
const cases: Record<
  string,
  OldModel & {
    feeds?: Record<string, Tensor>;
    expected?: (nodes: readonly Node[]) => void;
    rounding?: number;
  }
> = {
  ...Object.fromEntries(
    [{}, { exclusive: 1 }, { reverse: 1 }, { exclusive: 1, reverse: 1 }].flatMap((attributes) =>
      [1, 2, -1].map((axis) => [
        `CumSum 14 along ${axis}, ${JSON.stringify(attributes)}`,
        {
          opset: 14,
          weights: { a: int64([], [axis]) },
          nodes: one('CumSum', attributes, ['x', 'a']),
          rounding: 1e-6,
        },
      ]),
    ),
  ),
  ...Object.fromEntries(
    [
      { size: [5, 6], block: [2, 3], attributes: {} },
      { size: [7, 8], block: [3, 2], attributes: { strides: [2, 3], pads: [1, 0, 0, 1] } },
      { size: [9, 7], block: [2, 2], attributes: { dilations: [3, 2], strides: [2, 2] } },
    ].map(({ size, block, attributes }) => {
      const {
        strides = [1, 1],
        dilations = [1, 1],
        pads = [0, 0, 0, 0],
      } = attributes as Record<string, number[]>;
      const counts = size.map(
        (n, i) =>
          1 + Math.floor((n + pads[i] + pads[i + 2] - (block[i] - 1) * dilations[i] - 1) / strides[i]),
      );
      const shape = [2, 3 * block[0] * block[1], counts[0] * counts[1]];
      return [
        `Col2Im 18 of ${size.join('×')}, ${JSON.stringify(attributes)}`,
        {
          opset: 18,
          inputs: { x: ['N', ...shape.slice(1)] },
          feeds: { x: noise(shape) },
          weights: { i: int64([2], size), b: int64([2], block) },
          nodes: one('Col2Im', attributes, ['x', 'i', 'b']),
          rounding: 1e-6,
        },
      ];
    }),
  ),
  'Softmax 7 on a matrix': {
    opset: 7,
    nodes: one('Softmax'),
    inputs: { x: [2, 60] },
    feeds: { x: noise([2, 60]) },
  },
  'Softmax 11 over the rest': { opset: 11, nodes: one('Softmax', { axis: 1 }) },
  'Softmax 11 over the rest, batch open': { opset: 11, nodes: one('Softmax'), inputs: { x: ['N', 3, 4, 5] } },
  'Softmax 9 over two axes': { opset: 9, nodes: one('Softmax', { axis: 2 }) },
  'Softmax 11 along the last': { opset: 11, nodes: one('Softmax', { axis: -1 }) },
  'Softmax 11 after global pooling': {
    opset: 11,
    inputs: { x: ['N', 3, 'H', 'W'] },
    nodes: [
      { op: 'GlobalAveragePool', inputs: ['x'], outputs: ['p'] },
      { op: 'Softmax', inputs: ['p'], outputs: ['y'] },
    ],
    expected: (nodes) => expect(nodes[1]).toMatchObject({ op: 'Softmax', attributes: { axis: 1 } }),
  },
  'Softmax 10 after Flatten, MatMul and Add': {
    opset: 10,
    inputs: { x: ['N', 3, 'H', 'W'] },
    weights: { w: noise([60, 7]), c: noise([7]) },
    nodes: [
      { op: 'Flatten', inputs: ['x'], outputs: ['f'] },
      { op: 'MatMul', inputs: ['f', 'w'], outputs: ['m'] },
      { op: 'Add', inputs: ['m', 'c'], outputs: ['a'] },
      { op: 'Softmax', inputs: ['a'], outputs: ['y'] },
    ],
  },
  'LogSoftmax 12': { opset: 12, nodes: one('LogSoftmax', { axis: 1 }) },
  'Hardmax 12': { opset: 12, nodes: one('Hardmax', { axis: 1 }) },
  'Softmax 13': { opset: 13, nodes: one('Softmax') },
  'Squeeze 11': {
    opset: 11,
    nodes: one('Squeeze', { axes: [1, -1] }),
    inputs: { x: [2, 1, 3, 1] },
    feeds: { x: noise([2, 1, 3, 1]) },
  },
  'Squeeze 9 of everything': {
    opset: 9,
    nodes: one('Squeeze'),
    inputs: { x: [2, 1, 3, 1] },
    feeds: { x: noise([2, 1, 3, 1]) },
  },
  'Unsqueeze 7': { opset: 7, nodes: one('Unsqueeze', { axes: [0, 3] }) },
  'ReduceMean 11': { opset: 11, nodes: one('ReduceMean', { axes: [2, 3], keepdims: 0 }) },
  'ReduceMean 17 of everything': { opset: 17, nodes: one('ReduceMean', { keepdims: 1 }) },
  'ReduceSum 11': { opset: 11, nodes: one('ReduceSum', { axes: [-1] }) },
  'ReduceMax 13': { opset: 13, nodes: one('ReduceMax', { axes: [1] }) },
  'ReduceL2 17': { opset: 17, nodes: one('ReduceL2', { axes: [1], keepdims: 0 }) },
  'Clip 7, both bounds': { opset: 7, nodes: one('Clip', { min: float(0), max: float(0.75) }) },
  'Clip 10, upper bound': { opset: 10, nodes: one('Clip', { max: float(0.75) }) },
  'Clip 10, no bound': { opset: 10, nodes: one('Clip') },
  'Clip 11, one bound': {
    opset: 11,
    nodes: one('Clip', {}, ['x', '', 'max']),
    weights: { max: float32([], [0.5]) },
  },
  'Pad 10': {
    opset: 10,
    nodes: one('Pad', { pads: [0, 0, 1, 2, 0, 0, 3, -1], value: float(1.5), mode: 'constant' }),
  },
  'Pad 9 with zeros': { opset: 9, nodes: one('Pad', { pads: [0, 0, 1, 2, 0, 0, 0, 1] }) },
  'Pad 8, reflected': { opset: 8, nodes: one('Pad', { pads: [0, 0, 1, 2, 0, 0, 0, 1], mode: 'reflect' }) },
  'Pad 18 of two axes': {
    opset: 18,
    nodes: one('Pad', {}, ['x', 'pads', '', 'axes']),
    weights: { pads: int64([4], [1, 2, 3, 4]), axes: int64([2], [-1, 1]) },
    expected: (nodes) => expect(nodes[0].inputs).toHaveLength(2),
  },
  'Dropout 7 with a mask that nobody uses': {
    opset: 7,
    nodes: [{ op: 'Dropout', inputs: ['x'], outputs: ['y', 'mask'], attributes: { ratio: float(0.25) } }],
    expected: (nodes) => expect(nodes[0].outputs).toEqual(['y']),
  },
  'Dropout 10': { opset: 10, nodes: one('Dropout', { ratio: float(0.5) }) },
  'Dropout 12': {
    opset: 12,
    nodes: one('Dropout', {}, ['x', 'ratio']),
    weights: { ratio: float32([], [0.5]) },
  },
  'BatchNormalization 7': {
    opset: 7,
    nodes: one('BatchNormalization', { spatial: 1, epsilon: float(0.01) }, bnInputs),
    weights: bn,
  },
  'BatchNormalization 9': { opset: 9, nodes: one('BatchNormalization', {}, bnInputs), weights: bn },
  'BatchNormalization 14': {
    opset: 14,
    nodes: one('BatchNormalization', { training_mode: 0 }, bnInputs),
    weights: bn,
  },
  'BatchNormalization 14 of weights, by their own statistics': {
    opset: 14,
    nodes: [
      {
        op: 'BatchNormalization',
        inputs: ['w', 's', 'b', 'm', 'v'],
        outputs: ['standard', 'mean', 'variance'],
        attributes: { training_mode: 1, momentum: float(1), epsilon: float(0.1) },
      },
      { op: 'Reshape', inputs: ['standard', 'shape'], outputs: ['kernel'] },
      { op: 'Conv', inputs: ['x', 'kernel'], outputs: ['y'] },
    ],
    weights: { ...bn, w: noise([1, 3, 27]), shape: int64([4], [3, 3, 3, 3]) },
    expected: (nodes) => expect(nodes.map((node) => node.op)).toEqual(['Conv']),
    rounding: 1e-5,
  },
  'BatchNormalization 15 of a batch of one, by its own statistics': {
    opset: 15,
    inputs: { x: [1, 3, 4, 5] },
    feeds: { x: noise([1, 3, 4, 5]) },
    nodes: [
      {
        op: 'BatchNormalization',
        inputs: bnInputs,
        outputs: ['y', 'mean', 'variance'],
        attributes: { training_mode: 1, epsilon: float(0.1) },
      },
    ],
    weights: bn,
    expected: (nodes) => expect(nodes.map((node) => node.op)).toEqual(['InstanceNormalization']),
    rounding: 1e-5,
  },
  ...Object.fromEntries(
    (['Conv', 'ConvTranspose'] as const).map((op) => [
      `${op} 11 along one axis`,
      {
        opset: 11,
        nodes: [
          { op: 'Reshape', inputs: ['x', 'rows'], outputs: ['r'] },
          {
            op,
            name: 'n',
            inputs: ['r', 'w', 'c'],
            outputs: ['y'],
            attributes: { kernel_shape: [3], pads: [2, 1], strides: [2], dilations: [2], group: 3 },
          },
        ],
        weights: {
          rows: int64([3], [2, 3, 20]),
          // Where it is transposed, the kernel's first axis is that of the input's channels.
          w: noise(op === 'Conv' ? [6, 1, 3] : [3, 2, 3]),
          c: noise([6], 2),
        },
        expected: (nodes: readonly Node[]) =>
          expect(nodes.find((node) => node.op === op)).toMatchObject({
            attributes: { pads: [0, 2, 0, 1], strides: [1, 2], dilations: [1, 2], kernel_shape: [1, 3] },
          }),
        rounding: 1e-5,
      },
    ]),
  ),
  'Upsample 7, nearest': {
    opset: 7,
    nodes: one('Upsample', { scales: { floats: [1, 1, 2, 3] }, mode: 'nearest' }),
  },
  'Upsample 9, linear': {
    opset: 9,
    nodes: one('Upsample', { mode: 'linear' }, ['x', 'scales']),
    weights: { scales: float32([4], [1, 1, 2, 2]) },
    // ONNX Runtime interpolates in another order in its kernel for Resize.
    rounding: 1e-6,
  },
  'AveragePool 7': {
    opset: 7,
    nodes: one('AveragePool', {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [1, 1, 1, 1],
      count_include_pad: 1,
    }),
  },
  'AveragePool 10 with ceil': {
    opset: 10,
    nodes: one('AveragePool', { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1 }),
  },
  'AveragePool 19': {
    opset: 19,
    nodes: one('AveragePool', { kernel_shape: [2, 2], dilations: [1, 1], pads: [1, 0, 0, 1] }),
    // ONNX Runtime has another kernel for 19.
    rounding: 1e-6,
  },
  'MaxPool 8': {
    opset: 8,
    nodes: one('MaxPool', { kernel_shape: [3, 3], auto_pad: 'SAME_UPPER', strides: [2, 2] }),
  },
  'MaxPool 22': { opset: 22, nodes: one('MaxPool', { kernel_shape: [3, 3], ceil_mode: 1, strides: [2, 2] }) },
  ...Object.fromEntries(
    [Number.NEGATIVE_INFINITY, -65504].map((fill) => [
      `MaxPool 12 of what is padded with ${fill}`,
      {
        opset: 12,
        nodes: [
          { op: 'Pad', inputs: ['x', 'amounts', 'fill'], outputs: ['p'] },
          {
            op: 'MaxPool',
            inputs: ['p'],
            outputs: ['y'],
            attributes: { kernel_shape: [3, 4], strides: [2, 2], pads: [0, 1, 1, 0] },
          },
        ],
        weights: { amounts: int64([8], [0, 0, 1, 0, 0, 0, 1, 2]), fill: float32([], [fill]) },
        expected: (nodes: readonly Node[]) =>
          expect(nodes).toMatchObject([{ op: 'MaxPool', attributes: { pads: [1, 1, 2, 2] } }]),
      },
    ]),
  ),
  'MaxPool 12 of what is padded with zeros': {
    opset: 12,
    nodes: [
      { op: 'Pad', inputs: ['x', 'amounts'], outputs: ['p'] },
      { op: 'MaxPool', inputs: ['p'], outputs: ['y'], attributes: { kernel_shape: [2, 2] } },
    ],
    weights: { amounts: int64([8], [0, 0, 1, 1, 0, 0, 1, 1]) },
    expected: (nodes) => expect(nodes.map((node) => node.op)).toEqual(['Pad', 'MaxPool']),
  },
  'Split 11 in unequal parts': {
    opset: 11,
    nodes: [{ op: 'Split', inputs: ['x'], outputs: ['y', 'z'], attributes: { axis: 3, split: [1, 4] } }],
    outputs: { y: undefined, z: undefined },
  },
  'Split 9 in equal parts': {
    opset: 9,
    nodes: [{ op: 'Split', inputs: ['x'], outputs: ['y', 'z'], attributes: { axis: 2 } }],
    outputs: { y: undefined, z: undefined },
  },
  'Split 13 in equal parts': {
    opset: 13,
    nodes: [{ op: 'Split', inputs: ['x'], outputs: ['y', 'z'], attributes: { axis: 2 } }],
    outputs: { y: undefined, z: undefined },
  },
  'Slice 9 to the end': {
    opset: 9,
    nodes: one('Slice', { axes: [1, 3], starts: [1, -4], ends: [Number.MAX_SAFE_INTEGER, -1] }),
  },
  'Slice 7 of the first axes': { opset: 7, nodes: one('Slice', { starts: [1, 0], ends: [2, 2] }) },
  'TopK 9': {
    opset: 9,
    nodes: [{ op: 'TopK', inputs: ['x'], outputs: ['y', 'z'], attributes: { k: 2, axis: 3 } }],
    outputs: { y: undefined, z: undefined },
    types: { z: 'int64' },
  },
  'AveragePool 19, dilated': {
    opset: 19,
    nodes: one('AveragePool', { kernel_shape: [2, 2], dilations: [2, 2] }),
  },
  'Resize 10': {
    opset: 10,
    nodes: one('Resize', { mode: 'linear' }, ['x', 's']),
    weights: { s: float32([4], [1, 1, 2, 3]) },
  },
  'ConstantOfShape 9': {
    opset: 9,
    nodes: [
      { op: 'Constant', inputs: [], outputs: ['shape'], attributes: { value: int64([2], [4, 5]) } },
      {
        op: 'ConstantOfShape',
        inputs: ['shape'],
        outputs: ['c'],
        attributes: { value: float32([1], [2.5]) },
      },
      { op: 'Mul', inputs: ['x', 'c'], outputs: ['y'] },
    ],
    expected: (nodes) => expect(nodes.map((node) => node.op)).toEqual(['Mul']),
  },
  'Gemm 11 without a bias': {
    opset: 11,
    inputs: { x: [2, 60] },
    feeds: { x: noise([2, 60]) },
    nodes: one('Gemm', { alpha: float(0.5), transB: 1 }, ['x', 'w']),
    weights: { w: noise([7, 60]) },
  },
  'Cast 19': { opset: 19, nodes: one('Cast', { to: 6, saturate: 1 }), types: { y: 'int32' } },
  'PRelu 7': { opset: 7, nodes: one('PRelu', {}, ['x', 'slope']), weights: { slope: noise([3, 1, 1]) } },
  'Sum 8 broadcasts': {
    opset: 8,
    nodes: one('Sum', {}, ['x', 'c', 'x']),
    weights: { c: noise([1, 3, 1, 1]) },
  },
  'Conv and LRN 22': {
    opset: 22,
    weights: { w: noise([4, 3, 3, 3]), b: noise([4]) },
    nodes: [
      {
        op: 'Conv',
        inputs: ['x', 'w', 'b'],
        outputs: ['c'],
        attributes: { pads: [1, 1, 1, 1], dilations: [1, 1] },
      },
      { op: 'LRN', inputs: ['c'], outputs: ['y'], attributes: { size: 3, alpha: float(0.1) } },
    ],
  },
  'Reshape 24': {
    opset: 24,
    nodes: one('Reshape', {}, ['x', 'shape']),
    weights: { shape: int64([3], [0, -1, 5]) },
  },
};

describe('a model in another operator set computes the same in ours', () => {
  for (const [name, { feeds = { x }, expected, rounding, ...model }] of Object.entries(cases)) {
    it(name, async () => {
      const bytes = oldBytes(model);
      const { graph } = readOnnx(bytes, 'old.onnx');
      expected?.(graph.nodes);
      const [ours, theirs] = [await runGraph(graph, feeds), await run(bytes, feeds)];
      if (!rounding) return expect(ours).toEqual(theirs);
      expect(ours.y.shape).toEqual(theirs.y.shape);
      expect(Math.max(...ours.y.data.map((n, i) => Math.abs(n - theirs.y.data[i])))).toBeLessThan(rounding);
    });
  }
});

describe('what has no counterpart is refused', () => {
  const refused: Record<string, [OldModel, RegExp]> = {
    'operator set 6': [{ opset: 6, nodes: one('Relu') }, /operator set 6 is too old; export/],
    'operator set 99': [{ opset: 99, nodes: one('Relu') }, /operator set 99 is newer/],
    'a softmax of unknown rank': [
      { opset: 11, nodes: [{ op: 'Mystery', inputs: ['x'], outputs: ['m'] }, ...one('Softmax', {}, ['m'])] },
      /node 'n' \(Softmax\): .* rank .*operator set 13/,
    ],
    'a softmax behind what is refused': [
      {
        opset: 11,
        nodes: [
          { op: 'ScatterND', name: 's', inputs: ['x', 'i', 'x'], outputs: ['m'] },
          ...one('Softmax', {}, ['m']),
        ],
        weights: { i: int64([2, 1], [0, 1]) },
      },
      /node 's' \(ScatterND\): is supported on constants/,
    ],
    'a softmax over unknown dimensions': [
      { opset: 11, nodes: one('Softmax'), inputs: { x: ['N', 3, 'H', 'W'] } },
      /node 'n' \(Softmax\): its axis joins dimensions/,
    ],
    'batch statistics': [
      { opset: 14, nodes: one('BatchNormalization', { training_mode: 1 }, bnInputs), weights: bn },
      /node 'n' \(BatchNormalization\): it is in training mode; export the model for inference/,
    ],
    'statistics per element': [
      { opset: 7, nodes: one('BatchNormalization', { spatial: 0 }, bnInputs), weights: bn },
      /spatial = 0/,
    ],
    'a mask in use': [
      {
        opset: 12,
        nodes: [
          { op: 'Dropout', inputs: ['x'], outputs: ['d', 'mask'] },
          { op: 'Where', inputs: ['mask', 'd', 'x'], outputs: ['y'] },
        ],
      },
      /\(Dropout\): its output 'mask' exists only in training/,
    ],
    'wrapping pads': [
      {
        opset: 19,
        nodes: one('Pad', { mode: 'wrap' }, ['x', 'p']),
        weights: { p: int64([8], [0, 0, 1, 1, 0, 0, 1, 1]) },
      },
      /\(Pad\): mode 'wrap'/,
    ],
    'an attribute of the wrong kind': [
      { opset: 10, nodes: one('Clip', { min: 1 }) },
      /'min' must be a float/,
    ],
    'axes that are no list': [
      { opset: 10, nodes: one('Squeeze', { axes: 1 }) },
      /'axes' must be a list of integers/,
    ],
  };
  for (const [name, [model, message]] of Object.entries(refused)) {
    it(name, () => expect(() => readOnnx(oldBytes(model), 'old.onnx')).toThrow(message));
  }
});
