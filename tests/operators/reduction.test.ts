import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { int64 } from '../../src/graph/index.ts';
import type { NdArray } from '../reference/array.ts';
import { reduced } from '../reference/movement.ts';
import { shapes } from './arbitrary.ts';
import { check } from './check.ts';
import { gradientsOf } from './gradients.ts';
import { array, random } from './random.ts';

const sum = (values: number[]) => values.reduce((a, b) => a + b, 0);
const mean = (values: number[]) => sum(values) / values.length;
const most = (values: number[]) => Math.max(...values);

const without = (a: NdArray, axes: readonly number[]): NdArray => ({
  shape: a.shape.filter((_, i) => !axes.includes(i)),
  data: a.data,
});

describe.each([
  ['ReduceSum', sum],
  ['ReduceMean', mean],
  ['ReduceMax', most],
])('%s', (op, f) => {
  const cases = fc.record({
    shape: shapes(2, 4),
    keep: fc.boolean(),
    mask: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    batch: fc.boolean(),
    seed: fc.integer(),
  });
  it('over any axes', () =>
    fc.assert(
      fc.asyncProperty(cases, async ({ shape, keep, mask, batch, seed }) => {
        const chosen = shape.flatMap((_, i) => (mask[i] ? [i] : []));
        const all = chosen.length === 0;
        const axes = all ? shape.map((_, i) => i) : chosen;
        // A maximum over the batch needs its size.
        const symbolic = batch && !(op === 'ReduceMax' && axes.includes(0));
        await check({
          op,
          attributes: keep ? {} : { keepdims: 0 },
          inputs: [
            { array: array(random(seed), shape), batch: symbolic },
            all
              ? undefined
              : int64(
                  [axes.length],
                  axes.map((axis) => (axis % 2 ? axis - shape.length : axis)),
                ),
          ],
          reference: ([a]) => [keep ? reduced(a, axes, f) : without(reduced(a, axes, f), axes)],
          differentiable: [0],
          seed,
        });
      }),
      { numRuns: 30 },
    ));
});

describe.each([
  ['GlobalAveragePool', mean],
  ['GlobalMaxPool', most],
])('%s', (op, f) => {
  it('over all spatial axes', () =>
    fc.assert(
      fc.asyncProperty(shapes(3, 5), fc.integer(), async (shape, seed) => {
        const axes = shape.flatMap((_, i) => (i < 2 ? [] : [i]));
        await check({
          op,
          inputs: [{ array: array(random(seed), shape) }],
          reference: ([a]) => [reduced(a, axes, f)],
          seed,
        });
      }),
      { numRuns: 12 },
    ));
});

describe('the winner of a maximum', () => {
  it('is the first in row-major order', async () => {
    const x = { shape: [1, 2, 2, 2], data: [1, 3, 3, 3, -1, -1, -2, -1] };
    expect(await gradientsOf('GlobalMaxPool', [x])).toEqual([[0, 1, 0, 0, 1, 0, 0, 0]]);
  });
});

describe('norms', () => {
  const square = (v: readonly number[]) => v.reduce((sum, x) => sum + x * x, 0);
  const norms = {
    ReduceL1: (v: readonly number[]) => v.reduce((sum, x) => sum + Math.abs(x), 0),
    ReduceL2: (v: readonly number[]) => Math.sqrt(square(v)),
    ReduceSumSquare: square,
    ReduceLogSum: (v: readonly number[]) => Math.log(v.reduce((sum, x) => sum + x, 0)),
    ReduceLogSumExp: (v: readonly number[]) => Math.log(v.reduce((sum, x) => sum + Math.exp(x), 0)),
  };
  it.each(Object.entries(norms))('%s over any axes', (op, f) =>
    fc.assert(
      fc.asyncProperty(
        shapes(1, 4),
        fc.nat(15),
        fc.boolean(),
        fc.integer(),
        async (shape, bits, keep, seed) => {
          const axes = shape.flatMap((_, i) => ((bits >> i) & 1 ? [i] : []));
          const all = axes.length === 0 ? shape.map((_, i) => i) : axes;
          const low = op === 'ReduceLogSum' ? 0.2 : -2;
          await check({
            op,
            attributes: { keepdims: Number(keep) },
            inputs: [
              { array: array(random(seed), shape, low), batch: false },
              axes.length === 0 ? undefined : int64([axes.length], axes),
            ],
            reference: ([x]) => {
              const kept = reduced(x, all, (v) => f(v));
              const dims = shape.flatMap((n, i) => (all.includes(i) ? (keep ? [1] : []) : [n]));
              return [{ shape: dims, data: kept.data }];
            },
            seed,
          });
        },
      ),
      { numRuns: 12 },
    ),
  );

  it('GlobalLpPool of any order', () =>
    fc.assert(
      fc.asyncProperty(shapes(4, 4), fc.integer({ min: 1, max: 4 }), fc.integer(), async (shape, p, seed) => {
        await check({
          op: 'GlobalLpPool',
          attributes: { p },
          inputs: [{ array: array(random(seed), shape) }],
          reference: ([x]) => {
            const pooled = reduced(
              x,
              [2, 3],
              (v) => v.reduce((sum, e) => sum + Math.abs(e) ** p, 0) ** (1 / p),
            );
            return [{ shape: [shape[0], shape[1], 1, 1], data: pooled.data }];
          },
          seed,
        });
      }),
      { numRuns: 15 },
    ));
});
