import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float32, GraphBuilder } from '../../src/graph/index.ts';
import { infer } from '../../src/operators/index.ts';
import { type Handling, propagate, rules } from '../../src/relevance/index.ts';
import { convAxis, pads } from '../operators/arbitrary.ts';
import { array, random } from '../operators/random.ts';
import { build, map, type NdArray, offset } from '../reference/array.ts';
import { convolution, transposedConvolution } from '../reference/convolution.ts';
import { matrixProduct } from '../reference/product.ts';
import {
  convolutionLayer,
  denseLayer,
  type LinearLayer,
  sumLayer,
  transposedLayer,
} from '../reference/relevance/linear.ts';
import * as literal from '../reference/relevance/rules.ts';
import { runGraph } from '../run.ts';
import { expectClose } from './close.ts';
import { type Handled, handled, tensorOf } from './several.ts';

type Literal = (layer: LinearLayer, relevance: NdArray) => NdArray;

/** Rules beside their formulas; `conserves` is false for one that makes relevance. */
interface Pair {
  readonly rule: Handling;
  readonly formula: Literal;
  readonly conserves?: false;
}

const pairs: readonly Pair[] = [
  { rule: rules.epsilon(0.1), formula: literal.epsilon(0.1) },
  { rule: rules.epsilon(0.2, { zero: 'pass' }), formula: literal.epsilon(0.2, true) },
  { rule: rules.alphaBeta(2, 1), formula: literal.alphaBeta(2, 1) },
  { rule: rules.alphaBeta(1.5, 0.5, 'first'), formula: literal.alphaBeta(1.5, 0.5, 'first') },
  { rule: rules.alphaBeta(1, 0), formula: literal.alphaBeta(1, 0) },
  { rule: rules.zPlus(), formula: literal.alphaBeta(1, 0) },
  { rule: rules.zPlus({ bias: false }), formula: literal.alphaBeta(1, 0, 'own', false) },
  { rule: rules.absolute(), formula: literal.absolute },
  { rule: rules.relativeEpsilon(0.25), formula: literal.relativeEpsilon(0.25) },
  { rule: rules.gamma(0.5), formula: literal.gamma(0.5) },
  { rule: rules.flat(), formula: literal.flat(false) },
  { rule: rules.wSquare(), formula: literal.wSquare(false) },
];
/** Those that ConvTranspose, which the original has no relevance for, has no quirks of. */
const original: readonly Pair[] = [
  { rule: rules.flat(true), formula: literal.flat(true), conserves: false },
  { rule: rules.wSquare(true), formula: literal.wSquare(true) },
];
/** For inputs that are not negative: else its denominator may be anywhere near zero. */
const rectifiedOnly: readonly Pair[] = [{ rule: rules.plainGamma(3), formula: literal.plainGamma(3) }];

/** Holds what a rule made to its formula, and its account to the law of conservation. */
function verify(
  made: readonly Handled[],
  tried: readonly Pair[],
  layer: LinearLayer,
  relevance: NdArray,
  forward: NdArray,
) {
  tried.forEach(({ rule, formula, conserves }, i) => {
    const name = typeof rule === 'object' ? rule.name : rule;
    const expected = formula(layer, relevance);
    expectClose(made[i].forward, forward, `the result under ${name}`);
    // Shares far larger than what was shared come from denominators near zero, which float32 knows less well.
    const largest = (a: NdArray) => a.data.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
    const condition = Math.max(1, largest(expected) / largest(relevance) / 10);
    expectClose(made[i].relevance[0], expected, name, 2e-5 * condition);
    const { received, passed, bias, stabiliser, padding, other } = made[i].balance;
    const total = (a: NdArray) => a.data.reduce((sum, value) => sum + value, 0);
    const scale = 1 + [relevance, expected].reduce((sum, a) => sum + total(map(a, Math.abs)), 0);
    const close = (a: number, b: number, what: string) =>
      expect(Math.abs(a - b), `${name}: ${what}: ${a}, should be ${b}`).toBeLessThan(
        1e-5 * condition * scale,
      );
    close(received, total(relevance), 'received');
    close(passed, total(expected), 'passed on');
    if (conserves !== false) close(other, 0, 'neither passed on nor accounted for');
    if (layer.bias.every((b) => b === 0)) close(bias, 0, 'lost to biases that are zero');
    if (layer.connections.every((list) => list.every(({ i }) => i !== undefined))) {
      close(padding, 0, 'lost to padding that is not there');
    }
    expect(Number.isFinite(stabiliser)).toBe(true);
  });
}

const seeded = fc.record({
  seed: fc.integer(),
  rectified: fc.boolean(),
  biased: fc.boolean(),
  batch: fc.integer({ min: 1, max: 2 }),
});

describe('rules are what their formulas say', () => {
  test('convolution: groups, pads, strides, dilations', async () => {
    const geometry = fc.record({
      axes: fc.tuple(convAxis, convAxis),
      group: fc.integer({ min: 1, max: 2 }),
      into: fc.integer({ min: 1, max: 2 }),
      out: fc.integer({ min: 1, max: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(
        seeded,
        geometry,
        async ({ seed, rectified, biased, batch }, { axes, group, into, out }) => {
          const next = random(seed);
          const given = array(next, [batch, into * group, ...axes.map((a) => a.size)]);
          const x = rectified ? map(given, (v) => Math.max(0, v)) : given;
          const w = array(next, [out * group, into, ...axes.map((a) => a.kernel)]);
          const bias = biased ? array(next, [out * group]) : undefined;
          const g = {
            strides: axes.map((a) => a.stride),
            dilations: axes.map((a) => a.dilation),
            pads: pads(axes),
            group,
          };
          const forward = convolution(x, w, bias, g);
          const relevance = array(next, forward.shape);
          const tried = [...pairs, ...original, ...(rectified ? rectifiedOnly : [])];
          const made = await handled(
            { op: 'Conv', attributes: g, inputs: [given], constants: [w, bias], relevance, rectified },
            tried.map(({ rule }) => rule),
          );
          verify(made, tried, convolutionLayer(x, w, bias, g, forward.shape), relevance, forward);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('γ below what a rectifier makes, whether or not others see the value before it', async () => {
    await fc.assert(
      fc.asyncProperty(
        seeded,
        fc.boolean(),
        fc.constantFrom(0, 0.25, 2),
        async ({ seed, biased, batch, rectified }, isSeen, gamma) => {
          const next = random(seed);
          const given = array(next, [batch, 2, 3, 3]);
          const x = rectified ? map(given, (v) => Math.max(0, v)) : given;
          const [w, above] = [array(next, [3, 2, 2, 2]), array(next, [2, 3, 2, 2])];
          const bias = biased ? array(next, [3]) : undefined;
          const g = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 };
          const z = convolution(x, w, bias, g);
          const a = map(z, (v) => Math.max(0, v));
          const y = convolution(a, above, undefined, g);
          const [relevance, seen] = [array(next, y.shape), array(next, z.shape)];
          const formula = literal.gamma(gamma);
          const arrived = formula(convolutionLayer(a, above, undefined, g, y.shape), relevance);
          const sum = build(z.shape, (at) => {
            const i = offset(z.shape, at);
            return arrived.data[i] + (isSeen ? seen.data[i] : 0);
          });
          const expected = formula(convolutionLayer(x, w, bias, g, z.shape), sum);

          const b = new GraphBuilder('two layers');
          const inputs = {
            x: given,
            R: relevance,
            seen,
          };
          for (const [name, { shape }] of Object.entries(inputs)) b.input({ name, type: 'float32', shape });
          const first = rectified
            ? b.node({ op: 'Relu', name: 'a0', inputs: ['x'], outputs: ['a0'] })[0]
            : 'x';
          const weights = [b.weight('w', tensorOf(w)), ...(bias ? [b.weight('bias', tensorOf(bias))] : [])];
          b.node({ op: 'Conv', name: 'below', inputs: [first, ...weights], outputs: ['z'] });
          b.node({ op: 'Relu', name: 'relu', inputs: ['z'], outputs: ['a'] });
          b.node({
            op: 'Conv',
            name: 'above',
            inputs: ['a', b.weight('w2', tensorOf(above))],
            outputs: ['y'],
          });
          b.output('y', { name: 'y', type: 'float32', shape: y.shape });
          const graph = b.build();
          const full = new GraphBuilder(graph);
          const { values } = propagate(full, {
            graph,
            known: infer(graph),
            seeds: new Map([['y', 'R'], ...(isSeen ? ([['z', 'seen']] as const) : [])]),
            wanted: [first],
            composite: {
              name: 'test',
              entries: [
                { match: { role: 'linear' }, handling: rules.gamma(gamma) },
                { match: {}, handling: 'pass' },
              ],
            },
          });
          full.output(values.get(first)!, { name: 'relevance', type: 'float32', shape: given.shape });
          const made = full.build();
          const convolutions = made.nodes.filter(({ op }) => op === 'Conv').length;
          const tensors = Object.entries(inputs).map(([name, value]) => [name, tensorOf(value)] as const);
          const { relevance: found } = await runGraph(made, Object.fromEntries(tensors));
          const largest = expected.data.reduce((most, v) => Math.max(most, Math.abs(v)), 1);
          expectClose(
            { ...found, data: Float64Array.from(found.data as Float32Array) },
            expected,
            'γ',
            2e-5 * largest,
          );
          // Below a rectifier one convolution carries back what otherwise takes two; γ = 0 has no second product.
          const below = gamma === 0 ? 1 : isSeen || !rectified ? 3 : 2;
          expect(convolutions).toBe(1 + below + 1 + (gamma === 0 ? 1 : 3));
        },
      ),
      { numRuns: 60 },
    );
  });

  test('transposed convolution', async () => {
    const axis = fc.record({
      size: fc.integer({ min: 1, max: 4 }),
      kernel: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 2 }),
      pad: fc.nat(1),
    });
    const geometry = fc
      .record({ axes: fc.tuple(axis, axis), group: fc.integer({ min: 1, max: 2 }) })
      .filter(({ axes }) => axes.every((a) => (a.size - 1) * a.stride + a.kernel > 2 * a.pad));
    await fc.assert(
      fc.asyncProperty(seeded, geometry, async ({ seed, rectified, biased, batch }, { axes, group }) => {
        const next = random(seed);
        const given = array(next, [batch, 2 * group, ...axes.map((a) => a.size)]);
        const x = rectified ? map(given, (v) => Math.max(0, v)) : given;
        const w = array(next, [2 * group, 2, ...axes.map((a) => a.kernel)]);
        const bias = biased ? array(next, [2 * group]) : undefined;
        const g = {
          strides: axes.map((a) => a.stride),
          dilations: [1, 1],
          pads: [...axes, ...axes].map((a) => a.pad),
          group,
        };
        const size = axes.map((a) => (a.size - 1) * a.stride + a.kernel - 2 * a.pad);
        const forward = transposedConvolution(x, w, bias, g, size);
        const relevance = array(next, forward.shape);
        const tried = pairs.filter(
          ({ rule }) =>
            typeof rule === 'string' ||
            !('groups' in rule.terms[0].bias) ||
            rule.terms[0].bias.groups !== 'first',
        );
        const made = await handled(
          { op: 'ConvTranspose', attributes: g, inputs: [given], constants: [w, bias], relevance, rectified },
          tried.map(({ rule }) => rule),
        );
        verify(made, tried, transposedLayer(x, w, bias, g, forward.shape), relevance, forward);
      }),
      { numRuns: 30 },
    );
  });

  test('dense layers', async () => {
    const geometry = fc.record({
      inner: fc.integer({ min: 1, max: 6 }),
      out: fc.integer({ min: 1, max: 5 }),
    });
    await fc.assert(
      fc.asyncProperty(seeded, geometry, async ({ seed, rectified, biased, batch }, { inner, out }) => {
        const next = random(seed);
        const given = array(next, [batch, inner]);
        const x = rectified ? map(given, (v) => Math.max(0, v)) : given;
        const w = array(next, [inner, out]);
        const bias = biased ? array(next, [out]) : undefined;
        const product = matrixProduct(x, w);
        const forward = build(product.shape, ([n, k]) => product.data[n * out + k] + (bias?.data[k] ?? 0));
        const relevance = array(next, forward.shape);
        const tried = [...pairs, ...original, ...(rectified ? rectifiedOnly : [])];
        const made = await handled(
          { op: 'Gemm', inputs: [given], constants: [w, bias], relevance, rectified },
          tried.map(({ rule }) => rule),
        );
        verify(made, tried, denseLayer(x, w, bias), relevance, forward);
      }),
      { numRuns: 30 },
    );
  });

  test('sums: added, subtracted, several, repeated', async () => {
    const sizes = fc.record({
      rows: fc.integer({ min: 1, max: 3 }),
      columns: fc.integer({ min: 1, max: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(
        seeded,
        sizes,
        fc.constantFrom('Add', 'Sub', 'Sum'),
        fc.boolean(),
        fc.boolean(),
        async ({ seed, rectified, batch }, { rows, columns }, op, repeats, cancels) => {
          const next = random(seed);
          const shape = [batch, 2, rows, columns];
          const first = array(next, shape);
          const nearly = map(first, (v) => (op === 'Sub' ? v : -v) * (1 + 1e-6 * next()));
          const second = repeats ? array(next, [batch, 2, 1, 1]) : cancels ? nearly : array(next, shape);
          const given = op === 'Sum' ? [first, second, array(next, shape)] : [first, second];
          const addends = rectified ? given.map((a) => map(a, (v) => Math.max(0, v))) : given;
          // What float32 holds of what was drawn is what the operation sees.
          const seen = addends.map((a) => map(a, Math.fround));
          const layer = sumLayer(seen, op === 'Sub' ? [1, -1] : [1, 1, 1], shape);
          const relevance = array(next, shape);
          const bounded: Pair[] = [
            { rule: rules.absolute(), formula: literal.absolute },
            { rule: rules.zPlus(), formula: literal.alphaBeta(1, 0) },
            { rule: rules.alphaBeta(2, 1), formula: literal.alphaBeta(2, 1) },
            { rule: rules.gamma(0.5), formula: literal.gamma(0.5) },
            { rule: rules.flat(), formula: literal.flat(false) },
            { rule: rules.relativeEpsilon(0.25), formula: literal.relativeEpsilon(0.25) },
          ];
          const made = await handled(
            { op, inputs: given, relevance, rectified },
            bounded.map(({ rule }) => rule),
          );
          bounded.forEach(({ rule, formula }, i) => {
            const { name } = rule as { name: string };
            const expected = formula(layer, relevance);
            // A rule that has nothing for what is subtracted leaves it out.
            const data = new Float64Array(expected.data.length);
            data.set(made[i].relevance.flatMap((r) => [...r.data]));
            const most = expected.data.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
            // A nearly exact cancellation is known to float32 only as well as its addends are.
            const tolerance = name.startsWith('relative') || name.startsWith('gamma') ? 1e-4 : 1e-5;
            expectClose({ shape: expected.shape, data }, expected, `${op} under ${name}`, tolerance * most);
            const { other, bias, padding } = made[i].balance;
            for (const lost of [other, bias, padding]) expect(Math.abs(lost), name).toBeLessThan(1e-4 * most);
          });
          const size = (list: Iterable<number>) => [...list].reduce((total, v) => total + Math.abs(v), 0);
          const given1 = made[0].relevance.reduce((total, r) => total + size(r.data), 0);
          expect(given1, 'absolute shares are no more than what is shared').toBeLessThan(
            size(relevance.data) * (1 + 1e-5),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  test.each([false, true])('the box rule on pixels (original: %s)', async (asOriginal) => {
    await fc.assert(
      fc.asyncProperty(seeded, fc.tuple(convAxis, convAxis), async ({ seed, biased, batch }, axes) => {
        const next = random(seed);
        const mean = [100, 120];
        const shape = [batch, 2, ...axes.map((a) => a.size)];
        const noise = array(next, shape, 0, 1);
        const x = build(shape, ([n, c, i, j]) => {
          const [, , h, w] = shape;
          return Math.fround(noise.data[((n * 2 + c) * h + i) * w + j] * 255) - mean[c];
        });
        const w = array(next, [2, 2, ...axes.map((a) => a.kernel)]);
        const bias = biased ? array(next, [2]) : undefined;
        const g = {
          strides: axes.map((a) => a.stride),
          dilations: axes.map((a) => a.dilation),
          pads: pads(axes),
          group: 1,
        };
        const forward = convolution(x, w, bias, g);
        const relevance = array(next, forward.shape);
        const bounds = {
          low: float32(
            [1, 2, 1, 1],
            mean.map((m) => -m),
          ),
          high: float32(
            [1, 2, 1, 1],
            mean.map((m) => 255 - m),
          ),
        };
        const made = await handled(
          { op: 'Conv', attributes: g, inputs: [x], constants: [w, bias], relevance, bounds },
          [rules.zBox(asOriginal)],
        );
        const [low, high] = [0, 255].map((level) => build(shape, ([, c]) => level - mean[c]));
        const pair = { rule: rules.zBox(asOriginal), formula: literal.zBox(low, high, asOriginal) };
        verify(made, [pair], convolutionLayer(x, w, bias, g, forward.shape), relevance, forward);
      }),
      { numRuns: 30 },
    );
  });
});
