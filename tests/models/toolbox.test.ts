import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32 } from '../../src/graph/index.ts';
import { readToolboxNetwork } from '../../src/models/index.ts';
import { infer, lower } from '../../src/operators/index.ts';
import { noise } from '../nets.ts';
import { runGraph } from '../run.ts';

/** Height × width × channels, the channels fastest. */
interface Maps {
  readonly shape: readonly [number, number, number];
  readonly data: readonly number[];
}

/** A layer as the toolbox's modules compute it, in loops and doubles. */
interface Layer {
  readonly text: string;
  readonly forward: (x: Maps) => Maps;
}

const numbers = (count: number, seed: number) => [...noise([count], seed).data].map(Number);
const row = (values: readonly number[]) => values.join(' ');
const vector = (data: readonly number[]): Maps => ({ shape: [1, 1, data.length], data });

/** What `of` makes of the values of a window, for each channel of each place. */
function overWindows(
  { shape: [height, width, channels], data }: Maps,
  [h, w, rows, columns]: readonly [number, number, number, number],
  outputs: number,
  of: (windowAt: (y: number, x: number, c: number) => number, output: number) => number,
): Maps {
  const [down, across] = [Math.floor((height - h) / rows) + 1, Math.floor((width - w) / columns) + 1];
  const made: number[] = [];
  for (let i = 0; i < down; i++)
    for (let j = 0; j < across; j++)
      for (let output = 0; output < outputs; output++)
        made.push(of((y, x, c) => data[((i * rows + y) * width + j * columns + x) * channels + c], output));
  return { shape: [down, across, outputs], data: made };
}

const each = (count: number) => Array.from({ length: count }, (_, i) => i);

function convolution(
  h: number,
  w: number,
  d: number,
  n: number,
  step: number,
  seed: number,
  scale = 1,
): Layer {
  const weight = numbers(h * w * d * n, seed).map((value) => Math.fround(value * scale));
  const bias = numbers(n, seed + 1);
  const at = (y: number, x: number, c: number, f: number) => weight[((y * w + x) * d + c) * n + f];
  return {
    text: `Convolution ${h} ${w} ${d} ${n} ${step} ${step}\n${row(weight)}\n${row(bias)}\n`,
    forward: (x) =>
      overWindows(x, [h, w, step, step], n, (value, f) => {
        let sum = bias[f];
        for (const i of each(h))
          for (const j of each(w)) for (const c of each(d)) sum += value(i, j, c) * at(i, j, c, f);
        return sum;
      }),
  };
}

function pool(kind: 'SumPool' | 'MaxPool', h: number, w: number, step: number): Layer {
  return {
    text: `${kind} ${h} ${w} ${step} ${step}\n`,
    forward: (x) =>
      overWindows(x, [h, w, step, step], x.shape[2], (value, c) => {
        const all = each(h).flatMap((i) => each(w).map((j) => value(i, j, c)));
        const sum = all.reduce((total, one) => total + one, 0);
        return kind === 'MaxPool' ? Math.max(...all) : sum / Math.sqrt(h * w);
      }),
  };
}

function linear(m: number, n: number, seed: number, old = false): Layer {
  const [weight, bias] = [numbers(m * n, seed), numbers(n, seed + 1)];
  const rows = each(m).map((i) => row(weight.slice(i * n, (i + 1) * n)));
  return {
    text: `Linear ${m} ${n}\n${rows.join(old ? '\n' : ' ')}\n${row(bias)}\n`,
    forward: ({ data }) =>
      vector(each(n).map((j) => data.reduce((sum, value, i) => sum + value * weight[i * n + j], bias[j]))),
  };
}

const elementwise = (name: string, of: (value: number) => number): Layer => ({
  text: `${name}\n`,
  forward: ({ shape, data }) => ({ shape, data: data.map(of) }),
});
const rect = elementwise('Rect', (value) => Math.max(0, value));
const tanh = elementwise('Tanh', Math.tanh);
const flatten: Layer = { text: 'Flatten\n', forward: ({ data }) => vector(data) };
const softmax: Layer = {
  text: 'SoftMax\n',
  forward: ({ data }) => {
    const total = data.reduce((sum, value) => sum + Math.exp(value), 0);
    return vector(data.map((value) => Math.exp(value) / total));
  },
};

const textOf = (layers: readonly Layer[]) => layers.map(({ text }) => text).join('');
const read = (content: string, inputShape?: readonly number[]) =>
  readToolboxNetwork({ name: 'net.txt', content }, { inputShape });

async function expectAlike(layers: readonly Layer[], x: Maps, isGiven: boolean): Promise<void> {
  const graph = read(textOf(layers), isGiven ? [1, ...x.shape] : undefined);
  const [height, width, channels] = x.shape;
  expect(graph.inputs[0].shape).toEqual(['N', channels, height, width]);
  const moved = each(channels).flatMap((c) => each(height * width).map((i) => x.data[i * channels + c]));
  infer(graph);
  const outputs = await runGraph(lower(graph), { data: float32([1, channels, height, width], moved) });
  const { shape, data } = outputs[graph.outputs[0].name];
  const expected = layers.reduce((value, layer) => layer.forward(value), x);
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
        const inner = front.reduce((value, layer) => layer.forward(value), x).data.length;
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
    const layers = [
      convolution(5, 5, 1, 10, 1, seed, 0.2),
      rect,
      pool('SumPool', 2, 2, 2),
      convolution(5, 5, 10, 25, 1, seed + 10, 0.06),
      rect,
      pool('SumPool', 2, 2, 2),
      convolution(4, 4, 25, 100, 1, seed + 20, 0.05),
      rect,
      pool('SumPool', 2, 2, 2),
      convolution(1, 1, 100, 10, 1, seed + 30, 0.1),
      flatten,
      softmax,
    ];
    // A digit lies in the middle of 32×32, from −1 to 1.
    const digit = numbers(28 * 28, seed + 40).map((value) => Math.tanh(3 * value));
    const framed = each(32 * 32).map((at) => {
      const [y, x] = [Math.floor(at / 32) - 2, (at % 32) - 2];
      return y < 0 || x < 0 || y > 27 || x > 27 ? -1 : digit[y * 28 + x];
    });
    await expectAlike(layers, { shape: [32, 32, 1], data: framed }, false);
  });

  it('knows XOR of numbers of either sign, as the network that the toolbox is taught by', async () => {
    const fixed = (rows: readonly (readonly number[])[], bias: readonly number[]): Layer => ({
      text: `Linear ${rows.length} ${bias.length}\n${rows.map(row).join('\n')}\n${row(bias)}\n`,
      forward: ({ data }) =>
        vector(bias.map((own, j) => data.reduce((sum, value, i) => sum + value * rows[i][j], own))),
    });
    const layers = [
      fixed(
        [
          [2, -2],
          [-2, 2],
        ],
        [-2, -2],
      ), // one of them is positive only where the signs differ
      tanh,
      fixed(
        [
          [1.5, -1.5],
          [1.5, -1.5],
        ],
        [1.4, -1.4],
      ),
      softmax,
    ];
    for (const [x, y] of [
      [1, 1],
      [1, -1],
      [-1, 1],
      [-1, -1],
    ]) {
      const pair = vector([x, y]);
      await expectAlike(layers, { shape: [1, 2, 1], data: pair.data }, false);
      const [differ, same] = layers.reduce((value, layer) => layer.forward(value), pair).data;
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
    ['Rect\nDropout\n', /^net\.txt: line 2: there is no layer 'Dropout'; known: Linear, .*Flatten$/],
    ['Tanh\n3\n', /^net\.txt: line 1: behind Tanh stand 1 numbers; it has none$/],
    ['Linear 2 1\n1 1\n0\nLinear 2 1\n1 1\n0\n', /layer 'Linear-1': line 4: it takes 2 numbers, not 1$/],
    [
      'Convolution 1 1 2 1 1 1\n1 1\n0\nLinear 3 1\n1 1 1\n0\n',
      /line 4: it takes vectors, not .*Flatten goes before it$/,
    ],
  ])('is refused with file and line: %j', (content, message) => {
    expect(() => read(content)).toThrow(message);
  });
});
