import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Graph, GraphBuilder, int64, type Model, type Tensor } from '../../src/graph/index.ts';
import { blockedDomain, inBlocks, infer } from '../../src/operators/index.ts';
import { namedComposite, relevance } from '../../src/relevance/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { noise } from '../nets.ts';
import { relativeError } from '../reference-data.ts';

/** Weights of a convolution, and how a rule and a transpose change them. */
const weights = fc.record({
  block: fc.constantFrom(2, 4),
  outputs: fc.integer({ min: 1, max: 3 }),
  inputs: fc.integer({ min: 1, max: 3 }),
  kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
  back: fc.boolean(),
  part: fc.constantFrom('all', 'positive', 'negative', 'doubled'),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

describe('weights in blocks', () => {
  it('lie where the formula says, however they are changed on the way', () =>
    fc.assert(
      fc.property(weights, ({ block, kernel: [kh, kw], back, part, seed, ...times }) => {
        const [K, C] = [block * times.outputs, block * times.inputs];
        const w = noise([K, C, kh, kw], seed);
        const b = new GraphBuilder('net');
        const [from, to] = back ? [K, C] : [C, K];
        const x = b.input({ name: 'x', type: 'float32', shape: [1, from, 5, 5] });
        let weight = b.weight('w', w);
        if (part === 'positive') weight = b.op('Relu', [weight]);
        if (part === 'negative') weight = b.op('Min', [weight, b.scalar(0)]);
        if (part === 'doubled') weight = b.op('Mul', [b.op('Relu', [weight]), b.scalar(2)]);
        if (back) {
          const all = (n: number) => b.ints(n, n);
          weight = b.op('Slice', [weight, all(-1), all(Number.MIN_SAFE_INTEGER), b.ints(2, 3), all(-1)]);
          weight = b.op('Transpose', [weight], { perm: [1, 0, 2, 3] });
        }
        const y = b.op('Sqrt', [b.op('Conv', [x, weight])]);
        b.output(y, { name: 'y', type: 'float32', shape: [1, to, 6 - kh, 6 - kw] });
        const graph = inBlocks(b.build(), block)!;
        const conv = graph.nodes.find(({ op, domain }) => op === 'Conv' && domain === blockedDomain)!;
        const found = elementsOfWeight(graph, conv.inputs[1]);

        // Place (o, i, s, t) of a convolution's weights is at (⌊o/b⌋, ⌊i/b⌋, s, t, i mod b, o mod b).
        const changed = { all: (v: number) => v, positive: relu, negative: (v: number) => Math.min(v, 0) };
        const change = part === 'doubled' ? (v: number) => 2 * relu(v) : changed[part];
        for (let o = 0; o < to; o++)
          for (let i = 0; i < from; i++)
            for (let s = 0; s < kh; s++)
              for (let t = 0; t < kw; t++) {
                const own = back
                  ? ((i * C + o) * kh + (kh - 1 - s)) * kw + (kw - 1 - t)
                  : ((o * C + i) * kh + s) * kw + t;
                const outer =
                  ((Math.floor(o / block) * (from / block) + Math.floor(i / block)) * kh + s) * kw + t;
                const at = (outer * block + (i % block)) * block + (o % block);
                expect(found[at]).toBe(Math.fround(change(w.data[own])) + 0);
              }
      }),
      { numRuns: 60 },
    ));
});

const relu = (v: number): number => Math.max(v, 0);

/** A value that elementwise nodes make of one constant. */
function elementsOfWeight(graph: Graph, name: string): number[] {
  const constant = graph.constants.get(name);
  if (constant) return Array.from(constant.data, Number);
  const node = graph.nodes.find(({ outputs }) => outputs[0] === name)!;
  const [x, y = []] = node.inputs.map((input) => elementsOfWeight(graph, input));
  if (node.op === 'Relu') return x.map(relu);
  if (node.op === 'Min') return x.map((v) => Math.min(v, y[0]));
  expect(node.op).toBe('Mul');
  return x.map((v) => Math.fround(v * y[0]));
}

type Layer = (b: GraphBuilder, x: string, shape: readonly number[], seed: number) => string;

const conv =
  (outputs: number, kernel: number, attributes = {}, group = 1): Layer =>
  (b, x, [, channels], seed) => {
    const weight = b.constant(noise([outputs, channels / group, kernel, kernel], seed));
    const pad = Math.floor(kernel / 2);
    const bias = seed % 2 === 0 ? [b.constant(noise([outputs], seed + 1))] : [];
    return b.op('Conv', [x, weight, ...bias], { pads: [pad, pad, pad, pad], group, ...attributes });
  };

const spatial = (b: GraphBuilder, x: string, pads: readonly number[]) =>
  b.op('Pad', [x, b.ints(0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]), b.scalar(-0.5)]);

const pool = (op: string, kernel: number, stride: number, pad: number): Layer => {
  const attributes = {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [pad, pad, pad, pad],
  };
  return (b, x) => b.op(op, [x], attributes);
};

/** What networks and what is derived of them are made of, on 32 channels or any number. */
const layers: Readonly<Record<string, Layer>> = {
  'conv to 32': conv(32, 3),
  'conv to 48': conv(48, 1),
  'conv to 20': conv(20, 3),
  'conv by two': conv(32, 3, { strides: [2, 2] }),
  'conv in groups': (b, x, shape, seed) => conv(64, 3, {}, shape[1] % 2 === 0 ? 2 : 1)(b, x, shape, seed),
  'conv of each channel': (b, x, shape, seed) => conv(shape[1], 3, {}, shape[1])(b, x, shape, seed),
  'two convs added and rectified': (b, x, shape, seed) =>
    b.op('Relu', [b.op('Add', [conv(32, 3)(b, x, shape, seed), conv(32, 1)(b, x, shape, seed + 5)])]),
  'convs that are used twice': (b, x, shape, seed) => {
    const [one, two] = [conv(32, 1)(b, x, shape, seed), conv(32, 1)(b, x, shape, seed + 5)];
    return b.op('Mul', [b.op('Sub', [one, two]), b.op('Tanh', [b.op('Add', [one, two])])]);
  },
  rectifier: (b, x) => b.op('Relu', [x]),
  quotient: (b, x) => b.op('Div', [x, b.op('Add', [b.op('Abs', [x]), b.scalar(0.5)])]),
  choice: (b, x) => b.op('Where', [b.op('Less', [x, b.scalar(0)]), b.op('Neg', [x]), b.scalar(0.25)]),
  'what is true, as a number': (b, x) => {
    const high = b.op('Greater', [x, b.scalar(0)]);
    return b.op('Mul', [b.op('Cast', [high], { to: 1 }), b.op('Where', [high, b.scalar(2), x])]);
  },
  pads: (b, x) => spatial(b, x, [1, 0, 2, 1]),
  'pads that cut': (b, x) => spatial(b, x, [-1, 1, 1, -1]),
  rows: (b, x) => b.op('Slice', [x, b.ints(1), b.ints(1000), b.ints(2)]),
  'half of the channels': (b, x, [, channels]) =>
    channels < 32 ? x : b.op('Slice', [x, b.ints(16), b.ints(32), b.ints(1)]),
  'an odd part of the channels': (b, x) => b.op('Slice', [x, b.ints(3), b.ints(15), b.ints(1)]),
  'joined with itself': (b, x) => b.op('Concat', [x, b.op('Neg', [x])], { axis: 1 }),
  'joined with a conv': (b, x, shape, seed) =>
    b.op('Concat', [x, conv(16, 1)(b, x, shape, seed)], { axis: 1 }),
  'largest of windows': pool('MaxPool', 3, 1, 1),
  'largest of strided windows': pool('MaxPool', 3, 2, 0),
  'mean of windows': pool('AveragePool', 3, 1, 1),
  'channels last and back': (b, x) => {
    const last = b.op('Transpose', [x], { perm: [0, 2, 3, 1] });
    return b.op('Transpose', [b.op('Exp', [b.op('Min', [last, b.scalar(1)])])], { perm: [0, 3, 1, 2] });
  },
  'a number for each channel': (b, x, [, channels], seed) =>
    b.op('Mul', [x, b.constant(noise([channels, 1, 1], seed))]),
};

function chain(names: readonly string[], seed: number): Graph {
  const b = new GraphBuilder('chain');
  let x = b.input({ name: 'x', type: 'float32', shape: ['N', 32, 11, 10] });
  let shape: readonly number[] = [1, 32, 11, 10];
  const values: [string, readonly number[]][] = [];
  for (const [i, name] of names.entries()) {
    const y = layers[name](b, x, shape, seed + 100 * i);
    const probe = new GraphBuilder('probe');
    probe.input({ name: 'x', type: 'float32', shape });
    const z = layers[name](probe, 'x', shape, seed);
    probe.output(z === 'x' ? probe.op('Identity', ['x']) : z, { name: 'z', type: 'float32', shape: [] });
    shape = infer(probe.build()).shapes.get('z') as readonly number[];
    x = y;
    values.push([x, shape]);
  }
  // Some values in between are asked for as well.
  const asked = values.filter((_, i) => i === values.length - 1 || i % 3 === seed % 3);
  for (const [value, dims] of new Map(asked))
    b.output(value, { name: `out ${value}`, type: 'float32', shape: ['N', ...dims.slice(1)] });
  return b.build();
}

/** Runs a graph as it is arranged for this processor, and as it is. */
async function bothWays(graph: Graph, inputs: Readonly<Record<string, Tensor>>) {
  const run = async (optimise: 'full' | 'quick') => {
    const session = await nodeRuntime.load(graph, { threads: 1, optimise });
    const outputs = await session.run(inputs);
    await session.release();
    return outputs;
  };
  return [await run('full'), await run('quick')] as const;
}

async function expectSame(graph: Graph, inputs: Readonly<Record<string, Tensor>>, within = 1e-4) {
  const [arranged, plain] = await bothWays(graph, inputs);
  for (const [name, expected] of Object.entries(plain)) {
    expect(arranged[name].shape).toEqual(expected.shape);
    expect(relativeError(arranged[name], expected), name).toBeLessThan(within);
  }
}

describe('a graph in blocks', () => {
  it.each(Object.keys(layers))('computes the same: %s', async (name) => {
    const graph = chain(['conv to 32', 'quotient', name, 'quotient', 'conv to 32', name], 7);
    expect(inBlocks(graph, 16)?.nodes.some(({ domain }) => domain === blockedDomain)).toBe(true);
    await expectSame(graph, { x: noise([2, 32, 11, 10], 3) });
  });

  it('computes the same of any layers', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(...Object.keys(layers)), { minLength: 2, maxLength: 8 }),
        fc.integer({ min: 1, max: 1e6 }),
        fc.integer({ min: 1, max: 2 }),
        async (names, seed, images) => {
          // Strides and cuts that leave nothing of an image.
          fc.pre(names.filter((name) => /strided|by two/.test(name)).length < 3);
          await expectSame(chain(names, seed), { x: noise([images, 32, 11, 10], seed + 1) }, 1e-4);
        },
      ),
      { numRuns: 40 },
    ));

  it('is left as it is where ONNX Runtime gains as much by itself', () => {
    expect(
      inBlocks(chain(['conv to 32', 'rectifier', 'largest of windows', 'conv to 48'], 1), 16),
    ).toBeUndefined();
    expect(inBlocks(chain(['quotient', 'choice'], 1), 16)).toBeUndefined();
  });

  it('is reordered at its ends only, however many quotients lie between its convolutions', () => {
    const graph = inBlocks(
      chain(['conv to 32', 'quotient', 'choice', 'conv to 48', 'pads', 'quotient'], 2),
      16,
    )!;
    const count = (wanted: string) => graph.nodes.filter(({ op }) => op === wanted).length;
    const outputs = graph.outputs.length;
    expect(count('ReorderInput')).toBe(1);
    expect(count('ReorderOutput')).toBeLessThanOrEqual(outputs);
  });

  it('has the relevance of a network, by every rule', async () => {
    const model = wideNet();
    for (const name of [
      'epsilon',
      'epsilon-alpha2-beta1-flat',
      'epsilon-gamma-box',
      'epsilon-plus',
      'iccv2017',
    ]) {
      const { graph } = relevance(model, { composite: namedComposite(name, {}, []), head: 'fc' });
      expect(inBlocks(graph, 16), name).toBeDefined();
      await expectSame(graph, { data: noise([1, 3, 21, 21], 9), target: int64([1], [2]) }, 2e-5);
    }
  });
});

/** A network with everything that an inception network has, of whole blocks of channels. */
function wideNet(): Model {
  const b = new GraphBuilder('wide');
  let seed = 1;
  const layer = (x: string, from: number, to: number, kernel: number, stride = 1) => {
    seed += 2;
    const made = conv(to, kernel, { strides: [stride, stride] })(b, x, [1, from], seed + (seed % 2));
    return b.op('Relu', [made]);
  };
  const data = b.input({ name: 'data', type: 'float32', shape: ['N', 3, 21, 21] });
  const first = pool('MaxPool', 3, 2, 0)(b, layer(data, 3, 32, 3), [], 0);
  const lrn = { size: 5, alpha: { float: 0.3 }, beta: { float: 0.75 }, bias: { float: 1 } };
  const norm = b.op('LRN', [first], lrn);
  const branches = [
    layer(norm, 32, 16, 1),
    layer(layer(norm, 32, 16, 1), 16, 32, 3),
    layer(layer(norm, 32, 24, 1), 24, 16, 3),
    layer(pool('MaxPool', 3, 1, 1)(b, norm, [], 0), 32, 16, 1),
  ];
  const joined = b.op('Concat', branches, { axis: 1 });
  const flat = b.op('Flatten', [joined], { axis: 1 });
  const fully = b.op('Gemm', [flat, b.constant(noise([5, 80 * 100], 91)), b.constant(noise([5], 92))], {
    transB: 1,
  });
  b.output(fully, { name: 'fc', type: 'float32', shape: ['N', 5] });
  const preprocessing = { mean: [1, 1, 1] };
  return {
    graph: b.build(),
    info: { heads: [{ name: 'fc', output: 'fc', kind: 'classes' }], preprocessing, provenance: {} },
  } as unknown as Model;
}
