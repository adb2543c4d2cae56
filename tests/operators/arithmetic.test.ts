import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32, int64 } from '../../src/graph/index.ts';
import { broadcasting } from '../reference/broadcasting.ts';
import { broadcastPair, shapes } from './arbitrary.ts';
import { check } from './check.ts';
import { gradientsOf } from './gradients.ts';
import { array, random } from './random.ts';

const binary: Record<string, (values: number[]) => number> = {
  Add: ([a, b]) => a + b,
  Sub: ([a, b]) => a - b,
  Mul: ([a, b]) => a * b,
  Div: ([a, b]) => a / b,
};

describe.each(Object.entries(binary))('%s', (op, f) => {
  // Which operand is the smaller one, and which are constants.
  const roles = fc.record({
    swapped: fc.boolean(),
    constants: fc.constantFrom('none', 'small', 'large', 'signed'),
  });
  it('with broadcasting and constants', () =>
    fc.assert(
      fc.asyncProperty(
        broadcastPair,
        roles,
        fc.integer(),
        async ({ shape, part }, { swapped, constants }, seed) => {
          const next = random(seed);
          const low = constants === 'signed' ? -2 : 0.5;
          const large = { array: array(next, shape, low, 2), constant: constants === 'large' };
          const small = {
            array: array(next, part, op === 'Div' ? 0.5 : low, 2),
            constant: constants === 'small' || constants === 'signed',
            batch: part.length === shape.length && part[0] !== 1,
          };
          const inputs = swapped && op !== 'Div' ? [small, large] : [large, small];
          await check({ op, inputs, reference: (arrays) => [broadcasting(arrays, f)], seed });
        },
      ),
      { numRuns: 30 },
    ));
});

describe('Div', () => {
  it('divides a constant by a tensor', () =>
    check({
      op: 'Div',
      inputs: [{ array: array(random(1), []), constant: true }, { array: array(random(2), [2, 3], 0.5, 2) }],
      reference: (arrays) => [broadcasting(arrays, binary.Div)],
      seed: 3,
    }));
});

describe('Mul', () => {
  it('of a tensor with itself', () =>
    fc.assert(
      fc.asyncProperty(broadcastPair, fc.integer(), async ({ shape }, seed) => {
        await check({
          op: 'Mul',
          inputs: [{ array: array(random(seed), shape) }, { array: array(random(seed), shape) }],
          reference: (arrays) => [broadcasting(arrays, binary.Mul)],
          seed,
        });
      }),
      { numRuns: 5 },
    ));
});

describe('Pow', () => {
  const exponents = fc.constantFrom(-1, 0.5, 1, 2, 3);
  it('with an exponent of its own for each element', () =>
    fc.assert(
      fc.asyncProperty(broadcastPair, fc.integer(), fc.boolean(), async ({ shape, part }, seed, constant) => {
        const next = random(seed);
        const p = {
          array: array(next, part),
          constant,
          batch: part.length === shape.length && part[0] !== 1,
        };
        await check({
          op: 'Pow',
          inputs: [{ array: array(next, shape, 0.3, 2) }, p],
          reference: (arrays) => [broadcasting(arrays, ([a, b]) => a ** b)],
          differentiable: constant ? [0] : [0, 1],
          seed,
        });
      }),
      { numRuns: 15 },
    ));
  it('with one float exponent', () =>
    fc.assert(
      fc.asyncProperty(shapes(1, 3), exponents, fc.integer(), async (shape, p, seed) => {
        const low = Number.isInteger(p) && p > 0 ? -2 : 0.3;
        await check({
          op: 'Pow',
          inputs: [{ array: array(random(seed), shape, low, 2) }, float32([], [p])],
          reference: ([a]) => [broadcasting([a], ([x]) => x ** p)],
          differentiable: [0],
          seed,
        });
      }),
      { numRuns: 15 },
    ));
  it('with an integer exponent', () =>
    check({
      op: 'Pow',
      inputs: [{ array: array(random(1), [3, 2]) }, int64([], [2])],
      reference: ([a]) => [broadcasting([a], ([x]) => x * x)],
      differentiable: [0],
      seed: 1,
    }));
});

describe('PRelu', () => {
  it('with slopes that broadcast', () =>
    fc.assert(
      fc.asyncProperty(broadcastPair, fc.integer(), fc.boolean(), async ({ shape, part }, seed, constant) => {
        const next = random(seed);
        const slope = {
          array: array(next, part),
          constant,
          batch: part.length === shape.length && part[0] !== 1,
        };
        await check({
          op: 'PRelu',
          inputs: [{ array: array(next, shape) }, slope],
          reference: (arrays) => [broadcasting(arrays, ([x, s]) => (x >= 0 ? x : s * x))],
          seed,
        });
      }),
      { numRuns: 20 },
    ));
});

describe('several tensors', () => {
  const several: [string, (values: number[]) => number][] = [
    ['Sum', (values) => values.reduce((a, b) => a + b)],
    ['Max', (values) => Math.max(...values)],
    ['Min', (values) => Math.min(...values)],
  ];
  it.each(several)('%s', (op, f) =>
    fc.assert(
      fc.asyncProperty(
        broadcastPair,
        fc.integer({ min: 1, max: 4 }),
        fc.integer(),
        async ({ shape, part }, n, seed) => {
          const next = random(seed);
          const inputs = Array.from({ length: n }, (_, i) => {
            const own = i === 1 ? part : shape;
            // Ranges that interleave without ties: every tensor has its own residue.
            const values = array(next, own, i === 2 ? 0.5 : -2, 2);
            return {
              array: {
                shape: own,
                data: values.data.map((v) => Math.fround(Math.round(v * 64) / 64 + (i + 1) / 512)),
              },
              constant: i === 3,
              batch: own.length === shape.length && own[0] === shape[0],
            };
          });
          await check({ op, inputs, reference: (arrays) => [broadcasting(arrays, f)], seed });
        },
      ),
      { numRuns: 20 },
    ),
  );

  it('gives ties to the first', async () => {
    const rows = (...lists: number[][]) => lists.map((data) => ({ shape: [1, 3], data }));
    expect(await gradientsOf('Max', rows([1, 5, 3], [1, 2, 3], [0, 5, 3]))).toEqual([
      [1, 1, 1],
      [0, 0, 0],
      [0, 0, 0],
    ]);
    expect(await gradientsOf('Min', rows([2, 5, 3], [1, 2, 3], [1, 2, 4]))).toEqual([
      [0, 0, 1],
      [1, 1, 0],
      [0, 0, 0],
    ]);
  });
});
