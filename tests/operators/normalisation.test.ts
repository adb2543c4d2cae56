import fc from 'fast-check';
import { describe, it } from 'vitest';
import { type Attributes, float } from '../../src/graph/index.ts';
import { map } from '../reference/array.ts';
import {
  batchNormalization,
  localResponse,
  lpNormalised,
  scaledBy,
  softmax,
  standardised,
} from '../reference/normalisation.ts';
import { shapes } from './arbitrary.ts';
import { check } from './check.ts';
import { array, random } from './random.ts';

describe('BatchNormalization', () => {
  it('with any statistics', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(2, 4),
        fc.option(fc.constant(0.125), { nil: undefined }),
        fc.boolean(),
        fc.integer(),
        async (shape, epsilon, constant, seed) => {
          const next = random(seed);
          const c = [shape[1]];
          const vectors = [array(next, c), array(next, c), array(next, c), array(next, c, 0.2, 3)];
          await check({
            op: 'BatchNormalization',
            attributes: epsilon === undefined ? {} : { epsilon: float(epsilon) },
            inputs: [
              { array: array(next, shape) },
              ...vectors.map((v) => ({ array: v, constant, batch: false })),
            ],
            reference: ([x, scale, bias, mean, variance]) => [
              batchNormalization(x, { scale, bias, mean, variance, epsilon: epsilon ?? 1e-5 }),
            ],
            differentiable: [0, 1, 2],
            seed,
          });
        },
      ),
      { numRuns: 20 },
    ));
});

describe('LRN', () => {
  const parameters = fc.record({
    // ONNX Runtime's own kernel takes odd sizes only.
    size: fc.constantFrom(1, 3, 5, 7),
    alpha: fc.constantFrom(0.0001, 0.5, 2),
    beta: fc.constantFrom(0.5, 0.75, 1, 1.25),
    k: fc.constantFrom(1, 2),
  });
  it('over windows of channels', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(3, 4),
        fc.integer({ min: 1, max: 8 }),
        parameters,
        fc.integer(),
        async (shape, channels, p, seed) => {
          const alpha = Math.fround(p.alpha);
          await check({
            op: 'LRN',
            attributes: { size: p.size, alpha: float(p.alpha), beta: float(p.beta), bias: float(p.k) },
            // ONNX Runtime's own kernel takes images only.
            inputs: [
              {
                array: array(
                  random(seed),
                  shape.length === 3 ? [shape[0], channels, shape[2], 2] : shape.with(1, channels),
                ),
              },
            ],
            reference: ([x]) => [localResponse(x, { ...p, alpha })],
            seed,
          });
        },
      ),
      { numRuns: 25 },
    ));
});

describe.each([
  ['Softmax', (y: number) => y],
  ['LogSoftmax', Math.log],
])('%s', (op, f) => {
  it('along any axis', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(1, 4),
        fc.nat(),
        fc.constantFrom('given', 'negative', 'default'),
        fc.integer(),
        async (shape, where, how, seed) => {
          const rank = shape.length;
          const axis = how === 'default' ? rank - 1 : where % rank;
          await check({
            op,
            attributes: how === 'default' ? {} : { axis: how === 'given' ? axis : axis - rank },
            inputs: [{ array: array(random(seed), shape) }],
            reference: ([x]) => [map(softmax(x, axis), f)],
            seed,
          });
        },
      ),
      { numRuns: 12 },
    ));
});

describe('normalisation by statistics', () => {
  const epsilons = fc.option(fc.constant(0.125), { nil: undefined });
  const attribute = (epsilon: number | undefined): Attributes =>
    epsilon === undefined ? {} : { epsilon: float(epsilon) };

  it.each(['LayerNormalization', 'RMSNormalization'])('%s over the last axes, of a part of the axes', (op) =>
    fc.assert(
      fc.asyncProperty(
        shapes(2, 4),
        fc.nat(2),
        epsilons,
        fc.boolean(),
        fc.integer(),
        async (shape, back, epsilon, biased, seed) => {
          const next = random(seed);
          const axis = Math.max(1, shape.length - 1 - back);
          const own = shape.slice(axis);
          const hasBias = biased && op === 'LayerNormalization';
          const parameters = [array(next, own), ...(hasBias ? [array(next, own)] : [])];
          await check({
            op,
            attributes: { axis: axis - shape.length, ...attribute(epsilon) },
            inputs: [{ array: array(next, shape) }, ...parameters.map((v) => ({ array: v, batch: false }))],
            reference: ([x, scale, bias]) => {
              const group = (index: readonly number[]) => index.slice(0, axis).join();
              const y = standardised(x, group, epsilon ?? 1e-5, op === 'LayerNormalization');
              return [scaledBy(y, (index) => index.slice(axis), scale, bias)];
            },
            seed,
          });
        },
      ),
      { numRuns: 20 },
    ),
  );

  it('of channels (instances) and of groups of channels', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(4, 4),
        fc.integer({ min: 1, max: 3 }),
        epsilons,
        fc.boolean(),
        fc.integer(),
        async ([n, c, h, w], per, epsilon, isGroup, seed) => {
          const next = random(seed);
          const channels = isGroup ? c * per : c;
          const shape = [n, channels, h, w + 1];
          const vectors = [array(next, [channels]), array(next, [channels])];
          await check({
            op: isGroup ? 'GroupNormalization' : 'InstanceNormalization',
            attributes: { ...(isGroup ? { num_groups: c } : {}), ...attribute(epsilon) },
            inputs: [{ array: array(next, shape) }, ...vectors.map((v) => ({ array: v, batch: false }))],
            reference: ([x, scale, bias]) => {
              const group = ([image, channel]: readonly number[]) =>
                `${image} ${isGroup ? Math.floor(channel / per) : channel}`;
              return [scaledBy(standardised(x, group, epsilon ?? 1e-5), ([, k]) => [k], scale, bias)];
            },
            seed,
          });
        },
      ),
      { numRuns: 20 },
    ));

  it('of any axes to mean 0 and deviation 1', () =>
    fc.assert(
      fc.asyncProperty(shapes(4, 4), fc.boolean(), fc.integer(), async (given, across, seed) => {
        const shape = given.with(3, given[3] + 1);
        const axes = across ? [1, 2, 3] : [0, 2, 3];
        const kept = across ? 0 : 1;
        await check({
          op: 'MeanVarianceNormalization',
          attributes: across ? { axes } : {},
          inputs: [{ array: array(random(seed), shape) }],
          reference: ([x]) => [standardised(x, (index) => String(index[kept]), 0)],
          seed,
        });
      }),
      { numRuns: 15 },
    ));

  it('by norms of order 1 and 2', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(2, 4),
        fc.nat(3),
        fc.constantFrom(1, 2),
        fc.integer(),
        async (shape, a, p, seed) => {
          const axis = a % shape.length;
          await check({
            op: 'LpNormalization',
            attributes: { axis, p },
            inputs: [{ array: array(random(seed), shape) }],
            reference: ([x]) => [lpNormalised(x, axis, p)],
            seed,
          });
        },
      ),
      { numRuns: 20 },
    ));
});
