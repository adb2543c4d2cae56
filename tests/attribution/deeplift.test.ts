import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ExplainerOptions,
  type ExplainerRequest,
  explain,
  explanationGraph,
} from '../../src/attribution/index.ts';
import { float, float32, GraphBuilder, int64, type Model } from '../../src/graph/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { noise } from '../nets.ts';
import { deepLift, elementwise, linear, maxima } from '../reference/attribution/deeplift.ts';
import { runGraph } from '../run.ts';
import {
  averaged,
  constant,
  convolved,
  dense,
  error,
  imageOf,
  images,
  scoresOf,
  smallModel,
  weights,
  windows,
} from './net.ts';

const model = smallModel();
const input = images(2, 5);
const run = (options: ExplainerOptions & ExplainerRequest) =>
  explain(model, nodeRuntime, input, { session: { threads: 1 }, ...options });

describe('deeplift', () => {
  const relu = elementwise(
    (x) => Math.max(0, x),
    (x) => Number(x > 0),
  );
  const layers = [
    linear((x) => convolved(x, 8, weights.conv1, weights.bias1)),
    relu,
    maxima(windows(4 * 64, 8)),
    linear((x) => convolved(x, 4, weights.conv2, weights.bias2)),
    relu,
    linear(averaged),
    linear(dense),
  ];

  it.each([0, 0.25, -0.5])('is the rescale rule, literally, from the baseline %d', async (level) => {
    const { relevance, description } = await run({ method: 'deeplift', baseline: level, target: 2 });
    expect(description.parameters).toEqual({ baseline: level });
    expect(description.rules).toContain('max pooling: rescale');
    for (const image of [0, 1]) {
      const expected = deepLift(layers, imageOf(input, image), constant(level).data, 2);
      expect(error(imageOf(relevance, image), expected)).toBeLessThan(1e-4);
    }
  });

  it('adds up to the difference of the scores, of contrasts too', async () => {
    const baseline = images(1, 90);
    const target = [{ classes: [1], against: [2] }, 3];
    const { relevance, completeness } = await run({ method: 'deeplift', baseline, target });
    const away = scoresOf(imageOf(baseline, 0));
    for (const image of [0, 1]) {
      const rise = scoresOf(imageOf(input, image)).map((score, k) => score - away[k]);
      const expected = image === 0 ? rise[1] - rise[2] : rise[3];
      expect(completeness![image].difference).toBeCloseTo(expected, 4);
      expect(completeness![image].attributed).toBeCloseTo(expected, 4);
      expect(imageOf(relevance, image).reduce((a, b) => a + b, 0)).toBeCloseTo(expected, 4);
    }
  });

  it('is zero where input and baseline are the same', async () => {
    const baseline = float32([1, 3, 8, 8], imageOf(input, 1));
    const { relevance } = await run({ method: 'deeplift', baseline, target: 0 });
    expect(imageOf(relevance, 1).every((r) => r === 0)).toBe(true);
    expect(imageOf(relevance, 0).every(Number.isFinite)).toBe(true);
  });

  it.each(['image', 'target', 'relevance', 'reference', 'reference/constant', 'scores'])(
    'is the same where the network calls its input %s',
    async (name) => {
      const { graph, info } = model;
      const called = (value: string) => (value === 'data' ? name : value);
      const other: Model = {
        graph: {
          ...graph,
          inputs: graph.inputs.map((each) => ({ ...each, name })),
          nodes: graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(called) })),
        },
        info,
      };
      const method = { method: 'deeplift', baseline: 0.25, target: 1 } as const;
      const { relevance } = await explain(other, nodeRuntime, input, { session: { threads: 1 }, ...method });
      expect(relevance).toEqual((await run(method)).relevance);
    },
  );

  it('is one graph, with the baseline inside', async () => {
    const { graph } = explanationGraph(model, { method: 'deeplift', baseline: 0.25 });
    expect(graph.inputs.map(({ name }) => name)).toEqual(['data', 'target']);
    const out = await runGraph(graph, { data: input, target: int64([2], [1, -1]) });
    const { relevance } = await run({ method: 'deeplift', baseline: 0.25, target: [1, 'predicted'] });
    expect(error(out.relevance.data as Float32Array, relevance.data)).toBeLessThan(1e-6);
  });
});

/** What stands between two layers x and y, N×4×4×4 both; what it makes is N×anything. */
const between: Readonly<Record<string, (b: GraphBuilder, x: string, y: string) => string>> = {
  Sigmoid: (b, x) => b.op('Sigmoid', [x]),
  Tanh: (b, x) => b.op('Tanh', [x]),
  Gelu: (b, x) => b.op('Gelu', [x]),
  HardSwish: (b, x) => b.op('HardSwish', [x]),
  Clip: (b, x) => b.op('Clip', [x, b.scalar(-0.2), b.scalar(0.3)]),
  LeakyRelu: (b, x) => b.op('LeakyRelu', [x]),
  square: (b, x) => b.op('Pow', [x, b.scalar(2)]),
  MaxPool: (b, x) => b.op('MaxPool', [x], { kernel_shape: [2, 2], strides: [1, 1], pads: [1, 0, 0, 1] }),
  GlobalMaxPool: (b, x) => b.op('GlobalMaxPool', [x]),
  ReduceMax: (b, x) => b.op('ReduceMax', [x, b.ints(1)], { keepdims: 1 }),
  Max: (b, x, y) => b.op('Max', [x, y]),
  Mul: (b, x, y) => b.op('Mul', [x, y]),
  gate: (b, x, y) => b.op('Mul', [x, b.op('Sigmoid', [b.op('GlobalAveragePool', [y])])]),
  Div: (b, x, y) => b.op('Div', [x, b.op('Add', [b.op('Softplus', [y]), b.scalar(0.5)])]),
  MatMul: (b, x, y) => b.op('MatMul', [x, y]),
  attention: (b, x, y) => b.op('MatMul', [b.op('Softmax', [b.op('MatMul', [x, y])], { axis: -1 }), x]),
  // Off the constant that a baseline of one colour makes: there it would divide by nearly nothing.
  LayerNormalization: (b, x) =>
    b.op(
      'LayerNormalization',
      [
        b.op('Add', [x, b.constant(float32([4], [2, -1, 0, 3]))]),
        b.constant(noise([4], 3)),
        b.constant(noise([4], 4)),
      ],
      { axis: -1 },
    ),
  LRN: (b, x) => b.op('LRN', [x], { size: 3, alpha: float(0.5), beta: float(0.75), bias: float(1) }),
  ReduceL2: (b, x) => b.op('ReduceL2', [b.op('Add', [x, b.scalar(2)]), b.ints(2)], { keepdims: 1 }),
  power: (b, x, y) => b.op('Pow', [b.op('Add', [b.op('Softplus', [x]), b.scalar(0.5)]), y]),
  Sub: (b, x, y) => b.op('Sub', [x, y]),
  Concat: (b, x, y) => b.op('Relu', [b.op('Concat', [x, y], { axis: 1 })]),
};

/** The same of one image, whose y makes weights or a bias that x meets, as in conditional convolutions. */
const computed: typeof between = {
  'weights of Conv': (b, x, y) => b.op('Conv', [x, kernel(b, y, 4, 4, 2, 2), b.constant(noise([4], 6))]),
  'weights of Conv in groups': (b, x, y) => b.op('Conv', [x, kernel(b, y, 8, 2, 2, 2)], { group: 2 }),
  'weights of many routes': (b, x, y) =>
    b.op('Conv', [x, b.op('Reshape', [routed(b, y), b.ints(3, 4, 1, 1)])], { strides: [2, 2] }),
  'a bias of Conv': (b, x, y) => b.op('Conv', [x, b.constant(noise([4, 4, 2, 2], 5)), kernel(b, y, 4)]),
  'weights and a bias of Conv': (b, x, y) => b.op('Conv', [x, kernel(b, y, 4, 4, 2, 2), kernel(b, y, 4)]),
  'weights of ConvTranspose': (b, x, y) => b.op('ConvTranspose', [x, kernel(b, y, 4, 4, 2, 2)]),
  'a matrix of Gemm': (b, x, y) =>
    b.op('Reshape', [
      b.op('Gemm', [b.op('Flatten', [x], { axis: 1 }), b.op('Reshape', [b.op('Tanh', [y]), b.ints(64, 1)])]),
      b.ints(1, 1, 1, 1),
    ]),
};

/** The first of y's elements, curved, in another shape. */
function kernel(b: GraphBuilder, y: string, ...shape: number[]): string {
  const row = b.op('Reshape', [b.op('Tanh', [y]), b.ints(-1)]);
  const size = shape.reduce((product, dim) => product * dim, 1);
  return b.op('Reshape', [b.op('Slice', [row, b.ints(0), b.ints(size), b.ints(0)]), b.ints(...shape)]);
}

/** Twelve weights: the sum of two sets of them, each by how far y asks for it. */
function routed(b: GraphBuilder, y: string): string {
  const asked = b.op('Reshape', [b.op('GlobalAveragePool', [y]), b.ints(1, 4)]);
  return b.op('MatMul', [b.op('Sigmoid', [asked]), b.constant(noise([4, 12], 7))]);
}

function modelWith(
  make: (b: GraphBuilder, x: string, y: string) => string,
  seed: number,
  batch: 1 | 'N' = 'N',
): Model {
  const b = new GraphBuilder('between');
  const data = b.input({ name: 'data', type: 'float32', shape: [batch, 2, 4, 4] });
  const conv = (k: number) =>
    b.op('Conv', [data, b.weight(`w${k}`, noise([4, 2, 3, 3], seed + k)), b.weight(`b${k}`, noise([4], k))], {
      pads: [1, 1, 1, 1],
    });
  const made = make(b, conv(1), conv(2));
  const mean = b.op('ReduceMean', [made, b.ints(1, 2, 3)], { keepdims: 0 });
  const scores = b.op('Mul', [b.op('Unsqueeze', [mean, b.ints(1)]), b.constant(noise([1, 3], seed + 3))]);
  b.output(scores, { name: 'scores', type: 'float32', shape: [batch, 3] });
  return {
    graph: b.build(),
    info: { heads: [{ name: 'class', output: 'scores', kind: 'classes' }], provenance: {} },
  };
}

describe('the mean derivative between the baseline and the input is complete', () => {
  const cases = [
    ...Object.entries(between).map(([name, make]) => ({ name, make, batch: 'N' as const })),
    ...Object.entries(computed).map(([name, make]) => ({ name, make, batch: 1 as const })),
  ];

  it.each(cases)('at $name', async ({ make, batch }) => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: -1, max: 1, noNaN: true }),
        async (seed, baseline) => {
          const { relevance, completeness } = await explain(
            modelWith(make, seed, batch),
            nodeRuntime,
            noise([2, 2, 4, 4], seed + 9),
            { method: 'deeplift', baseline, target: 1, session: { threads: 1 } },
          );
          expect(relevance.data.every(Number.isFinite)).toBe(true);
          for (const [image, { attributed, difference }] of completeness!.entries()) {
            const size = imageOf(relevance, image).reduce((sum, r) => sum + Math.abs(r), 0);
            expect(Math.abs(attributed - difference)).toBeLessThan(1e-3 * size + 1e-5);
          }
        },
      ),
      { numRuns: 4 },
    );
  });

  it('shares a convolution by the mean of the weights that it computes, and these by the mean of the input', async () => {
    const b = new GraphBuilder('conditional');
    const data = b.input({ name: 'data', type: 'float32', shape: [1, 2, 1, 1] });
    const half = (i: number) => b.op('Slice', [data, b.ints(i), b.ints(i + 1), b.ints(1)]);
    const made = b.op('Conv', [half(0), half(1)]);
    b.output(b.op('Flatten', [b.op('Concat', [made, made], { axis: 1 })], { axis: 1 }), {
      name: 'scores',
      type: 'float32',
      shape: [1, 2],
    });
    const conditional: Model = {
      graph: b.build(),
      info: { heads: [{ name: 'class', output: 'scores', kind: 'classes' }], provenance: {} },
    };
    const { relevance } = await explain(conditional, nodeRuntime, float32([1, 2, 1, 1], [3, 5]), {
      method: 'deeplift',
      baseline: float32([2, 1, 1], [1, 2]),
      target: 0,
    });
    // As of the product below.
    expect(relevance.data[0]).toBeCloseTo(7, 5);
    expect(relevance.data[1]).toBeCloseTo(6, 5);
  });

  it('shares a product by the mean of the other factor', async () => {
    const b = new GraphBuilder('product');
    const data = b.input({ name: 'data', type: 'float32', shape: ['N', 2] });
    const half = (i: number) => b.op('Slice', [data, b.ints(i), b.ints(i + 1), b.ints(1)]);
    const product = b.op('Mul', [half(0), half(1)]);
    b.output(b.op('Concat', [product, product], { axis: 1 }), {
      name: 'scores',
      type: 'float32',
      shape: ['N', 2],
    });
    const made: Model = {
      graph: b.build(),
      info: { heads: [{ name: 'class', output: 'scores', kind: 'classes' }], provenance: {} },
    };
    const { relevance } = await explain(made, nodeRuntime, float32([1, 2], [3, 5]), {
      method: 'deeplift',
      baseline: float32([2], [1, 2]),
      target: 0,
    });
    // 3·5 − 1·2 = 13 = (3 − 1)·(5 + 2)/2 + (5 − 2)·(3 + 1)/2.
    expect(relevance.data[0]).toBeCloseTo(7, 5);
    expect(relevance.data[1]).toBeCloseTo(6, 5);
  });
});
