import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float, int64 } from '../../src/graph/index.ts';
import type { Handling } from '../../src/relevance/index.ts';
import { type Axis, pads, poolAxis } from '../operators/arbitrary.ts';
import { array, random } from '../operators/random.ts';
import { build, indices, map, type NdArray, offset } from '../reference/array.ts';
import { averagePooling, maxPooling, pooledSize } from '../reference/pooling.ts';
import { lrnTaylor } from '../reference/relevance/normalisation.ts';
import {
  averageOriginal,
  globalWinner,
  inProportion,
  rootMeanSquare,
  softShares,
  softWinnerInWindows,
  winnerTakesAll,
} from '../reference/relevance/pooling.ts';
import { expectClose } from './close.ts';
import { type Handled, handled } from './several.ts';

const total = (a: NdArray) => a.data.reduce((sum, value) => sum + value, 0);

/** received = passed + bias + stabiliser + padding + other, with nothing in `other` for what conserves. */
function expectBalanced(
  { balance: b, relevance }: Handled,
  given: NdArray,
  conserves = true,
  tolerance = 1e-5,
): void {
  const passed = relevance.reduce((sum, a) => sum + total(a), 0);
  const scale = 1 + [given, ...relevance].reduce((sum, a) => sum + total(map(a, Math.abs)), 0);
  const close = (a: number, expected: number, what: string) =>
    expect(Math.abs(a - expected), `${what}: ${a}, should be ${expected}`).toBeLessThan(tolerance * scale);
  close(b.received, total(given), 'received');
  close(b.passed, passed, 'passed on');
  if (conserves) close(b.other, 0, 'neither passed on nor accounted for');
}

const seed = fc.integer();

/** Values in steps, of which many are equal or nearly so; of step 0, none but by chance. */
function nearTies(next: () => number, shape: readonly number[], step: number): NdArray {
  if (step === 0) return array(next, shape, 0.1, 2);
  return map(array(next, shape, -4, 4), (v) => 1 + step * Math.round(v));
}
const geometryOf = (axes: readonly Axis[], ceil: boolean) => ({
  kernel: axes.map((a) => a.kernel),
  strides: axes.map((a) => a.stride),
  dilations: axes.map((a) => a.dilation),
  pads: pads(axes),
  ceil,
});
const attributesOf = (axes: readonly Axis[], ceil: boolean) => {
  const { kernel, strides, pads } = geometryOf(axes, ceil);
  return { kernel_shape: kernel, strides, pads, ceil_mode: ceil ? 1 : 0 };
};

/** Where ceil mode drops a window that would start in the end pad, ONNX Runtime contradicts itself about shapes. */
const dropsWindow = ({ size, kernel, stride, before, after }: Axis): boolean =>
  Math.ceil((size + before + after - kernel) / stride) * stride >= size + before;

describe('pooling', () => {
  test('max pooling: the first winner takes all, or all share', async () => {
    await fc.assert(
      fc.asyncProperty(
        seed,
        fc.tuple(poolAxis(1), poolAxis(1)),
        fc.boolean(),
        fc.boolean(),
        async (seed, axes, ceil, ties) => {
          fc.pre(!(ceil && axes.some(dropsWindow)));
          const next = random(seed);
          const shape = [2, 2, ...axes.map((a) => a.size)];
          const x = ties ? map(array(next, shape, 0.5, 4), Math.round) : array(next, shape, 0.1, 2);
          const g = geometryOf(axes, ceil);
          const relevance = array(next, [2, 2, ...pooledSize(shape.slice(2), g)]);
          const [winner, share] = await handled(
            { op: 'MaxPool', attributes: attributesOf(axes, ceil), inputs: [x], relevance },
            ['winner', 'proportional'],
          );
          expectClose(winner.forward, maxPooling(x, g), 'the maxima');
          expectClose(winner.relevance[0], winnerTakesAll(x, relevance, g), 'winner takes all');
          expectClose(
            share.relevance[0],
            inProportion(x, relevance, g, (window) => window.length),
            'shared',
            3e-5,
          );
          expectBalanced(winner, relevance);
          expectBalanced(share, relevance, true, 3e-5);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('max pooling: what nearly wins has a share', async () => {
    await fc.assert(
      fc.asyncProperty(
        seed,
        fc.tuple(poolAxis(2), poolAxis(2)),
        fc.boolean(),
        fc.constantFrom(0, 0.004, 0.5),
        fc.boolean(),
        async (seed, axes, ceil, step, once) => {
          fc.pre(!(ceil && axes.some(dropsWindow)));
          const shape = [2, 2, ...axes.map((a) => a.size)];
          const next = random(seed);
          const x = nearTies(next, shape, step);
          const g = geometryOf(axes, ceil);
          const relevance = array(next, [2, 2, ...pooledSize(shape.slice(2), g)]);
          const attributes = { ...attributesOf(axes, ceil), dilations: g.dilations };
          const [made] = await handled({ op: 'MaxPool', attributes, inputs: [x], relevance, once }, [
            'soft-winner',
          ]);
          expectClose(made.relevance[0], softWinnerInWindows(x, relevance, g), 'shares', 1e-4);
          expectBalanced(made, relevance, true, 1e-4);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('maxima and minima over axes and of several inputs: what nearly wins has a share', async () => {
    await fc.assert(
      fc.asyncProperty(
        seed,
        fc.constantFrom('GlobalMaxPool', 'ReduceMax', 'ReduceMin', 'Max', 'Min'),
        fc.constantFrom(0, 0.004, 0.5),
        fc.boolean(),
        async (seed, op, step, keep) => {
          const next = random(seed);
          const several = op === 'Max' || op === 'Min';
          const inputs = several
            ? [
                nearTies(next, [2, 3, 4], step),
                nearTies(next, [2, 1, 4], step),
                nearTies(next, [2, 3, 1], step),
              ]
            : [nearTies(next, [2, 3, 4, 2], step)];
          const sign = op.endsWith('Min') ? -1 : 1;
          // The elements that compete for each output: [input, offset].
          const places = indices(several ? [2, 3, 4] : [2, 3]).map((place) =>
            several
              ? inputs.map(({ shape }, i) => [
                  i,
                  offset(
                    shape,
                    place.map((p, axis) => Math.min(p, shape[axis] - 1)),
                  ),
                ])
              : indices([4, 2]).map((inner) => [0, offset(inputs[0].shape, [...place, ...inner])]),
          );
          const values = places.map((of) => of.map(([i, at]) => inputs[i].data[at]));
          const winners = values.map((of) => sign * Math.max(...of.map((v) => sign * v)));
          const shape = several ? [2, 3, 4] : op === 'GlobalMaxPool' || keep ? [2, 3, 1, 1] : [2, 3];
          const relevance = array(next, shape);
          const expected = inputs.map((x) => build(x.shape, () => 0));
          const each = places.length / 2;
          places.forEach((of, j) => {
            const image = Math.floor(j / each);
            const t = 0.01 * rootMeanSquare(winners.slice(image * each, (image + 1) * each));
            softShares(values[j], winners[j], t).forEach((share, k) => {
              const [i, at] = of[k];
              expected[i].data[at] += share * relevance.data[j];
            });
          });
          const reduces = op.startsWith('Reduce');
          const [made] = await handled(
            {
              op,
              attributes: reduces ? { keepdims: keep ? 1 : 0 } : {},
              inputs,
              constants: reduces ? [int64([2], [2, 3])] : [],
              relevance,
            },
            ['soft-winner'],
          );
          inputs.forEach((_, i) => {
            expectClose(made.relevance[i], expected[i], `${op}, input ${i}`, 1e-4);
          });
          expectBalanced(made, relevance, true, 1e-4);
        },
      ),
      { numRuns: 40 },
    );
  });

  test('rounding decides nothing of what nearly wins', async () => {
    const next = random(11);
    const relevance = array(next, [1, 2, 3, 3]);
    const g = { kernel: [3, 3], strides: [2, 2], dilations: [1, 1], pads: [0, 0, 0, 0], ceil: false };
    const x = map(array(next, [1, 2, 7, 7], 1, 2), (v) => Math.round(v));
    const rounded = map(x, (v) => v * (1 + 1e-6 * next()));
    const attributes = { kernel_shape: g.kernel, strides: g.strides };
    const of = async (input: NdArray, handling: Handling) =>
      (await handled({ op: 'MaxPool', attributes, inputs: [input], relevance }, [handling]))[0].relevance[0];
    const change = async (handling: Handling) => {
      const [before, after] = [await of(x, handling), await of(rounded, handling)];
      return Math.max(...before.data.map((v, i) => Math.abs(v - after.data[i])));
    };
    expect(await change('soft-winner')).toBeLessThan(1e-3);
    expect(await change('winner')).toBeGreaterThan(0.1);
  });

  test('global max pooling', async () => {
    const next = random(5);
    const x = array(next, [2, 3, 4, 5]);
    const relevance = array(next, [2, 3, 1, 1]);
    const [made] = await handled({ op: 'GlobalMaxPool', inputs: [x], relevance }, ['winner']);
    expectClose(made.relevance[0], globalWinner(x, relevance), 'winner takes all');
    expectBalanced(made, relevance);
  });

  test('average pooling: in proportion, and as the original, with its quirk at zero', async () => {
    await fc.assert(
      fc.asyncProperty(
        seed,
        fc.tuple(poolAxis(1), poolAxis(1)),
        fc.constantFrom('positive', 'negative', 'zeros'),
        fc.boolean(),
        async (seed, axes, signs, includePad) => {
          const next = random(seed);
          const shape = [2, 2, ...axes.map((a) => a.size)];
          const drawn = array(next, shape, 0.1, 2);
          const x =
            signs === 'negative'
              ? map(drawn, (v) => -v)
              : signs === 'zeros'
                ? map(drawn, (v) => (v < 1.4 ? 0 : v))
                : drawn;
          const g = geometryOf(axes, false);
          const forward = averagePooling(x, g, includePad);
          const relevance = array(next, forward.shape);
          const [share, original] = await handled(
            {
              op: 'AveragePool',
              attributes: { ...attributesOf(axes, false), count_include_pad: includePad ? 1 : 0 },
              inputs: [x],
              relevance,
            },
            ['proportional', 'average-original'],
          );
          const cells = g.kernel[0] * g.kernel[1];
          const divisor = (window: readonly number[]) => (includePad ? cells : window.length);
          expectClose(share.forward, forward, 'the averages');
          expectClose(share.relevance[0], inProportion(x, relevance, g, divisor), 'in proportion', 3e-5);
          expectClose(original.relevance[0], averageOriginal(x, relevance, g), 'as the original', 3e-5);
          expectBalanced(share, relevance, true, 3e-5);
          expectBalanced(original, relevance, signs !== 'zeros', 3e-5);
        },
      ),
      { numRuns: 40 },
    );
  });

  test("the original adds a window's tiny activations as relevance", async () => {
    const x: NdArray = { shape: [1, 1, 2, 2], data: Float64Array.of(3e-7, 0, 0, 5e-7) };
    const relevance: NdArray = { shape: [1, 1, 1, 1], data: Float64Array.of(2) };
    const [made] = await handled(
      { op: 'AveragePool', attributes: { kernel_shape: [2, 2] }, inputs: [x], relevance },
      ['average-original'],
    );
    expect(made.relevance[0].data[0]).toBeCloseTo(3e-7, 12);
    expect(made.relevance[0].data[3]).toBeCloseTo(5e-7, 12);
    expect(made.balance.other).toBeCloseTo(2, 5);
  });
});

describe('local response normalisation', () => {
  test('Taylor, normalised and as the original; identity', async () => {
    await fc.assert(
      fc.asyncProperty(
        seed,
        fc.record({
          channels: fc.integer({ min: 1, max: 7 }),
          size: fc.constantFrom(1, 3, 5),
          alpha: fc.constantFrom(1e-4, 0.3, 1),
          beta: fc.constantFrom(0.5, 0.75, 1, 0.9),
          k: fc.constantFrom(1, 2),
          rectified: fc.boolean(),
        }),
        async (seed, { channels, rectified, ...p }) => {
          const next = random(seed);
          const given = array(next, [2, channels, 2, 3]);
          const x = rectified ? map(given, (v) => Math.max(0, v)) : given;
          const relevance = array(next, x.shape);
          const attributes = { size: p.size, alpha: float(p.alpha), beta: float(p.beta), bias: float(p.k) };
          const [taylor, original, identity] = await handled(
            { op: 'LRN', attributes, inputs: [given], relevance, rectified },
            ['lrn-taylor', 'lrn-original', 'pass'],
          );
          expectClose(taylor.relevance[0], lrnTaylor(x, relevance, p, false), 'normalised', 3e-5);
          expectClose(original.relevance[0], lrnTaylor(x, relevance, p, true), 'as the original', 3e-5);
          expectClose(identity.relevance[0], relevance, 'identity', 1e-6);
          expectBalanced(taylor, relevance, true, 3e-5);
          expectBalanced(original, relevance, false);
          expectBalanced(identity, relevance);
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('sums, products and joints', () => {
  const shape = [2, 3, 2, 2];
  const next = random(11);
  const [x, y] = [array(next, shape, 0.1, 2), array(next, shape, 0.1, 2)];
  const relevance = array(next, shape);
  const stable = (v: number) => v + (v < 0 ? -1e-6 : 1e-6);
  const each = (f: (x: number, y: number, r: number) => number): NdArray => ({
    shape,
    data: x.data.map((v, i) => f(v, y.data[i], relevance.data[i])),
  });

  test('a sum shares in proportion, counted once', async () => {
    const [made] = await handled({ op: 'Add', inputs: [x, y], relevance }, ['proportional']);
    expectClose(
      made.relevance[0],
      each((a, b, r) => (a * r) / stable(a + b)),
      'the first',
      2e-5,
    );
    expectClose(
      made.relevance[1],
      each((a, b, r) => (b * r) / stable(a + b)),
      'the second',
      2e-5,
    );
    expectBalanced(made, relevance, true, 2e-5);
  });

  test('a difference: what is subtracted gets the negative share', async () => {
    const minuend = map(y, (v) => v + 3);
    const [made] = await handled({ op: 'Sub', inputs: [minuend, x], relevance }, ['proportional']);
    const share = (f: (a: number, b: number) => number): NdArray => ({
      shape,
      data: x.data.map((v, i) => (f(minuend.data[i], v) * relevance.data[i]) / stable(minuend.data[i] - v)),
    });
    expectClose(
      made.relevance[0],
      share((a) => a),
      'the minuend',
      2e-5,
    );
    expectClose(
      made.relevance[1],
      share((_, b) => -b),
      'the subtrahend',
      2e-5,
    );
    expectBalanced(made, relevance, true, 2e-5);
  });

  test('an addend that is repeated collects the shares of its copies', async () => {
    const small = array(next, [2, 3, 1, 1], 0.1, 2);
    const [made] = await handled({ op: 'Add', inputs: [x, small], relevance }, ['proportional']);
    const expected = build(small.shape, ([n, c]) => {
      const s = small.data[n * 3 + c];
      return [0, 1, 2, 3].reduce((sum, i) => {
        const at = (n * 3 + c) * 4 + i;
        return sum + (s * relevance.data[at]) / stable(x.data[at] + s);
      }, 0);
    });
    expectClose(made.relevance[1], expected, 'the repeated addend', 2e-5);
    expectBalanced(made, relevance, true, 2e-5);
  });

  test('two signals of a product share equally; of a quotient the numerator takes all', async () => {
    const [product] = await handled({ op: 'Mul', inputs: [x, y], relevance }, ['signal']);
    const half = map(relevance, (r) => r / 2);
    expectClose(product.relevance[0], half, 'the first factor');
    expectClose(product.relevance[1], half, 'the second factor');
    expectBalanced(product, relevance);
    const [quotient] = await handled({ op: 'Div', inputs: [x, y], relevance }, ['signal']);
    expect(quotient.relevance).toHaveLength(1);
    expectClose(quotient.relevance[0], relevance, 'the numerator');
  });

  test('a product of matrices shares half and half, each in proportion', async () => {
    const [a, b] = [array(next, [2, 2, 3], 0.1, 2), array(next, [2, 3, 4], 0.1, 2)];
    const given = array(next, [2, 2, 4]);
    const [made] = await handled({ op: 'MatMul', inputs: [a, b], relevance: given }, ['signal']);
    const z = build(given.shape, ([n, r, c]) =>
      [0, 1, 2].reduce((sum, d) => sum + a.data[(n * 2 + r) * 3 + d] * b.data[(n * 3 + d) * 4 + c], 0),
    );
    const left = build(a.shape, ([n, r, d]) =>
      [0, 1, 2, 3].reduce((sum, c) => {
        const at = (n * 2 + r) * 4 + c;
        const part = a.data[(n * 2 + r) * 3 + d] * b.data[(n * 3 + d) * 4 + c];
        return sum + (0.5 * part * given.data[at]) / stable(z.data[at]);
      }, 0),
    );
    expectClose(made.relevance[0], left, 'the left factor', 2e-5);
    expectBalanced(made, given, true, 2e-5);
  });

  test('Concat gives every input its own', async () => {
    const joined = array(next, [2, 6, 2, 2]);
    const [made] = await handled(
      { op: 'Concat', attributes: { axis: 1 }, inputs: [x, y], relevance: joined },
      ['gradient'],
    );
    const slice = (from: number) =>
      build(shape, ([n, c, h, w]) => joined.data[((n * 6 + c + from) * 2 + h) * 2 + w]);
    expectClose(made.relevance[0], slice(0), 'the first');
    expectClose(made.relevance[1], slice(3), 'the second');
    expectBalanced(made, joined);
  });

  test('what does not fit an operation is refused by name', async () => {
    const refused: [Handling, RegExp][] = [
      ['winner', /node 'node0' \(Add\).*'winner' means nothing.*'sum'/],
      ['lrn-taylor', /'lrn-taylor' means nothing/],
      ['average-original', /is no average pooling/],
    ];
    for (const [handling, message] of refused)
      await expect(handled({ op: 'Add', inputs: [x, y], relevance }, [handling])).rejects.toThrow(message);
  });
});
