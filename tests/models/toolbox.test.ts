import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32, int64 } from '../../src/graph/index.ts';
import { readToolboxNetwork } from '../../src/models/index.ts';
import { infer, lower } from '../../src/operators/index.ts';
import { namedComposite, relevance } from '../../src/relevance/index.ts';
import { runGraph } from '../run.ts';
import {
  convolution,
  digit,
  each,
  flatten,
  type Layer,
  lenet,
  linear,
  type Maps,
  numbers,
  pool,
  rect,
  type Sharing,
  softmax,
  tanh,
  vector,
  xor,
} from './toolboxlayers.ts';

const textOf = (layers: readonly Layer[]) => layers.map(({ text }) => text).join('');
const read = (content: string, inputShape?: readonly number[]) =>
  readToolboxNetwork({ name: 'net.txt', content }, { inputShape });

/** What goes into each layer, and what comes out of the last. */
function forward(layers: readonly Layer[], x: Maps): Maps[] {
  const values = [x];
  for (const layer of layers) values.push(layer.forward(values.at(-1)!));
  return values;
}

const pairs = [
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
] as const;

async function expectAlike(layers: readonly Layer[], x: Maps, isGiven: boolean): Promise<void> {
  const graph = read(textOf(layers), isGiven ? [1, ...x.shape] : undefined);
  const [height, width, channels] = x.shape;
  expect(graph.inputs[0].shape).toEqual(['N', channels, height, width]);
  const moved = each(channels).flatMap((c) => each(height * width).map((i) => x.data[i * channels + c]));
  infer(graph);
  const outputs = await runGraph(lower(graph), { data: float32([1, channels, height, width], moved) });
  const { shape, data } = outputs[graph.outputs[0].name];
  const expected = forward(layers, x).at(-1)!;
  expect(shape).toEqual([1, expected.data.length]);
  for (const [i, value] of expected.data.entries()) expect(data[i]).toBeCloseTo(value, 4);
}

const size = fc.integer({ min: 1, max: 3 });

describe("a network of the LRP Toolbox's text", () => {
  it('computes what its modules compute, for images', async () => {
    const some = fc.record({
      ...{ h: size, w: size, d: size, n: size, step: fc.integer({ min: 1, max: 2 }), hidden: size },
      kind: fc.constantFrom<('SumPool' | 'MaxPool')[]>('SumPool', 'MaxPool'),
      more: fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 2 })),
      seed: fc.nat(1000),
    });
    await fc.assert(
      fc.asyncProperty(some, async ({ h, w, d, n, step, hidden, kind, more, seed }) => {
        const front = [convolution(h, w, d, n, step, seed), rect, pool(kind, 2, 2, 2), tanh];
        // The pool needs two places, each of a step.
        const shape = [h + step + more[0], w + step + more[1], d] as const;
        const x: Maps = { shape, data: numbers(shape[0] * shape[1] * d, seed + 7) };
        const inner = forward(front, x).at(-1)!.data.length;
        await expectAlike([...front, flatten, linear(inner, hidden, seed + 3), softmax], x, true);
      }),
      { numRuns: 12 },
    );
  });

  it('computes what its modules compute, for vectors, whose weights older versions wrote in rows', async () => {
    await fc.assert(
      fc.asyncProperty(size, size, fc.boolean(), fc.nat(1000), async (side, hidden, old, seed) => {
        const layers = [
          linear(side * side, hidden, seed, old),
          tanh,
          linear(hidden, 2, seed + 3, old),
          softmax,
        ];
        await expectAlike(layers, { shape: [side, side, 1], data: numbers(side * side, seed + 5) }, false);
      }),
      { numRuns: 8 },
    );
  });

  it.each([1, 2])("computes the toolbox's own LeNet-5 for digits, weights of seed %i", async (seed) => {
    await expectAlike(lenet(seed), digit(seed + 40), false);
  });

  it('knows XOR of numbers of either sign, as the network that the toolbox is taught by', async () => {
    for (const [x, y] of pairs) {
      await expectAlike(xor, { shape: [1, 2, 1], data: [x, y] }, false);
      const [differ, same] = forward(xor, vector([x, y])).at(-1)!.data;
      expect(differ > same).toBe(x !== y);
    }
  });

  it('takes images as small as can be, squares for vectors, unless they are given', () => {
    const shapeOf = (layers: readonly Layer[], given?: readonly number[]) =>
      read(textOf(layers), given).inputs[0].shape.slice(1);
    // LeNet-5 of the toolbox.
    const lenet = [
      convolution(5, 5, 1, 2, 1, 1),
      rect,
      pool('SumPool', 2, 2, 2),
      convolution(5, 5, 2, 3, 1, 2),
    ];
    const end = [pool('SumPool', 2, 2, 2), convolution(4, 4, 3, 4, 1, 3), pool('SumPool', 2, 2, 2)];
    expect(shapeOf([...lenet, ...end, convolution(1, 1, 4, 5, 1, 4), flatten, softmax])).toEqual([1, 32, 32]);
    expect(shapeOf([convolution(3, 3, 3, 2, 2, 1), flatten, linear(2 * 4 * 4, 2, 2)])).toEqual([3, 9, 9]);
    expect(shapeOf([convolution(3, 3, 3, 2, 2, 1), flatten, softmax], [1, 3, 5, 3])).toEqual([3, 3, 5]);
    expect(shapeOf([linear(784, 2, 1), softmax])).toEqual([1, 28, 28]);
    expect(shapeOf([linear(2, 2, 1), softmax])).toEqual([1, 1, 2]);
    expect(shapeOf([linear(12, 2, 1)], [1, 2, 2, 3])).toEqual([3, 2, 2]);
  });

  it('reads numbers as NumPy 2 writes them', () => {
    const { constants } = read('Linear 1 2\r\nnp.float64(0.5) np.float64(-2e-1)\r\n\r\n1 -.5\r\n');
    expect([...constants.values()].map(({ data }) => [...data])).toEqual([
      [0.5, Math.fround(-0.2)],
      [1, -0.5],
    ]);
  });

  it.each([
    ['', /^net\.txt: there are no layers in it$/],
    ['SoftMax\n', /^net\.txt: it does not say what it takes; give its input shape$/],
    [
      'Rect\nLinear 2 2\n1 2 3 4 5\n0\n6\n',
      /^net\.txt: line 2: behind Linear stand 7 numbers; it has 4 weights and 2 biases$/,
    ],
    ['Linear 2\n', /^net\.txt: line 1: 'Linear 2'; it is written Linear INPUTS OUTPUTS$/],
    ['Linear 2 1\n1 nan\n0\n', /^net\.txt: line 2: 'nan' is no finite number$/],
    ['Linear 2 1\n1 1e39\n0\n', /^net\.txt: line 2: '1e39' is no finite number$/],
    ['\n3 Linear\nRect\n', /^net\.txt: line 2: '3' before any layer; begin with the type of a layer$/],
    ['nan\nRect\n', /^net\.txt: line 1: 'nan' before any layer/],
    ['Rect\nDropout\n', /^net\.txt: line 2: there is no layer 'Dropout'; known: Linear, .*Flatten$/],
    [
      'Dropout\nRect\nBatchNorm 3\n1 2 3\nDropout\n',
      /^net\.txt: 3 layers have types that there are not: 'Dropout' \(2 layers: line 1, line 5\), 'BatchNorm' \(line 3\); known: /,
    ],
    ['Tanh\n3\n', /^net\.txt: line 1: behind Tanh stand 1 numbers; it has none$/],
    ['Linear 2 1\n1 1\n0\nLinear 2 1\n1 1\n0\n', /^net\.txt: line 4: it takes 2 numbers, not 1$/],
    [
      'Convolution 1 1 2 1 1 1\n1 1\n0\nLinear 3 1\n1 1 1\n0\n',
      /line 4: it takes vectors, not .*Flatten goes before it$/,
    ],
  ])('is refused with file and line: %j', (content, message) => {
    expect(() => read(content)).toThrow(message);
  });
});

describe('its relevance', () => {
  /** Of the class with the highest score, from that score on, as the toolbox's examples begin. */
  function literal(layers: readonly Layer[], x: Maps, sharing: Sharing) {
    const inputs = forward(layers, x);
    const scores = inputs.at(-1)!.data;
    const target = scores.indexOf(Math.max(...scores));
    const start = scores.map((score, i) => (i === target ? score : 0));
    const shared = layers.reduceRight((r, layer, i) => layer.backward(inputs[i], r, sharing), start);
    return { target, score: Math.abs(scores[target]), shared };
  }

  /** Says how large the largest share of a pixel is, of the score: by which a share that is not there would be seen. */
  async function expectAlike(layers: readonly Layer[], x: Maps, sharing: Sharing): Promise<number> {
    const own = layers.filter((layer) => layer !== softmax);
    const graph = read(textOf(own), [1, ...x.shape]);
    const { target, score, shared } = literal(own, x, sharing);
    const head = { name: 'class', output: graph.outputs[0].name, kind: 'classes' as const };
    const composite =
      'epsilon' in sharing ? namedComposite('epsilon', sharing) : namedComposite('alpha-beta', sharing);
    const explained = relevance({ graph, info: { heads: [head], provenance: {} } }, { composite });
    const [height, width, channels] = x.shape;
    const made = await runGraph(explained.graph, {
      data: float32([1, channels, height, width], x.data),
      target: int64([1], [target]),
    });
    const largest = Math.max(...shared.map(Math.abs));
    for (const [i, value] of shared.entries()) {
      expect(Math.abs(Number(made.relevance.data[i]) - value)).toBeLessThan(2e-4 * largest + 1e-7 * score);
    }
    return largest / score;
  }

  const sharings: Sharing[] = [{ epsilon: 0.01 }, { epsilon: 1 }, { beta: 0 }, { beta: 1 }];

  describe.each(sharings)('by %j', (sharing) => {
    it.each([1, 2])("is that of the toolbox's LeNet-5, weights of seed %i", async (seed) => {
      expect(await expectAlike(lenet(seed), digit(seed + 40), sharing)).toBeGreaterThan(2e-5);
    });

    it.each(pairs)('is that of its XOR, of %i and %i', async (x, y) => {
      await expectAlike(xor, { shape: [1, 2, 1], data: [x, y] }, sharing);
    });
  });
});
