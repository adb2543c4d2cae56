import fc from 'fast-check';
import { describe, it } from 'vitest';
import { float } from '../../src/graph/index.ts';
import { map } from '../reference/array.ts';
import { batchNormalization, localResponse, softmax } from '../reference/normalisation.ts';
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
