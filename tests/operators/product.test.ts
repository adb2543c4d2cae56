import fc from 'fast-check';
import { describe, it } from 'vitest';
import { float } from '../../src/graph/index.ts';
import type { NdArray } from '../reference/array.ts';
import { broadcasting } from '../reference/broadcasting.ts';
import { matrixProduct, transposed } from '../reference/product.ts';
import { check } from './check.ts';
import { array, random } from './random.ts';

const dim = fc.integer({ min: 1, max: 5 });

describe('Gemm', () => {
  const cases = fc.record({
    sizes: fc.tuple(dim, dim, dim),
    transA: fc.boolean(),
    transB: fc.boolean(),
    alpha: fc.constantFrom(1, 0.5),
    beta: fc.constantFrom(1, -2),
    bias: fc.constantFrom('none', 'K', '1K', 'M1', 'MK', '1'),
    constant: fc.boolean(),
    seed: fc.integer(),
  });
  it('with transposes, factors and any bias', () =>
    fc.assert(
      fc.asyncProperty(
        cases,
        async ({ sizes: [m, d, k], transA, transB, alpha, beta, bias, constant, seed }) => {
          const next = random(seed);
          const biasShape = { none: undefined, K: [k], '1K': [1, k], M1: [m, 1], MK: [m, k], '1': [1] }[bias];
          await check({
            op: 'Gemm',
            attributes: {
              ...(transA && { transA: 1 }),
              ...(transB && { transB: 1 }),
              ...(alpha !== 1 && { alpha: float(alpha) }),
              ...(beta !== 1 && { beta: float(beta) }),
            },
            inputs: [
              { array: array(next, transA ? [d, m] : [m, d]), batch: !transA },
              { array: array(next, transB ? [k, d] : [d, k]), constant, batch: false },
              biasShape && { array: array(next, biasShape), constant, batch: bias === 'MK' || bias === 'M1' },
            ],
            reference: ([a, b, c]: NdArray[]) => {
              const y = matrixProduct(transA ? transposed(a) : a, transB ? transposed(b) : b);
              return [
                c
                  ? broadcasting([y, c], ([p, q]) => alpha * p + beta * q)
                  : broadcasting([y], ([p]) => alpha * p),
              ];
            },
            seed,
          });
        },
      ),
      { numRuns: 60 },
    ));
});

describe('MatMul', () => {
  const cases = fc.record({
    sizes: fc.tuple(dim, dim, dim),
    left: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }),
    right: fc.constantFrom('none', 'same', 'ones', 'shorter'),
    constant: fc.boolean(),
    seed: fc.integer(),
  });
  it('of stacks of matrices that broadcast', () =>
    fc.assert(
      fc.asyncProperty(cases, async ({ sizes: [m, d, k], left, right, constant, seed }) => {
        const next = random(seed);
        const lead = { none: [], same: left, ones: left.map(() => 1), shorter: left.slice(1) }[right];
        await check({
          op: 'MatMul',
          inputs: [
            { array: array(next, [...left, m, d]) },
            { array: array(next, [...lead, d, k]), constant, batch: right === 'same' && left.length > 0 },
          ],
          reference: ([a, b]) => [matrixProduct(a, b)],
          seed,
        });
      }),
      { numRuns: 40 },
    ));
});
