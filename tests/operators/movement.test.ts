import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32, GraphBuilder, int64, type Shape } from '../../src/graph/index.ts';
import { infer } from '../../src/operators/index.ts';
import { count, type NdArray } from '../reference/array.ts';
import { concatenated, padded, permuted, range, taken } from '../reference/movement.ts';
import { shapes } from './arbitrary.ts';
import { check } from './check.ts';
import { array, random } from './random.ts';

const ints = (values: readonly number[]) => int64([values.length], values);

describe('Concat', () => {
  it('along any axis', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(2, 4),
        fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        fc.boolean(),
        fc.integer(),
        async (shape, lengths, where, fromEnd, seed) => {
          const next = random(seed);
          const axis = 1 + (where % (shape.length - 1));
          const inputs = lengths.map((n) => ({ array: array(next, shape.with(axis, n)) }));
          await check({
            op: 'Concat',
            attributes: { axis: fromEnd ? axis - shape.length : axis },
            inputs,
            reference: (arrays) => [concatenated(arrays, axis)],
            seed,
          });
        },
      ),
      { numRuns: 12 },
    ));
});

describe('Split', () => {
  const cases = fc.record({
    shape: shapes(2, 4),
    parts: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }),
    where: fc.nat(),
    equal: fc.boolean(),
    seed: fc.integer(),
  });
  it('into given or equal parts', () =>
    fc.assert(
      fc.asyncProperty(cases, async ({ shape, parts, where, equal, seed }) => {
        const axis = 1 + (where % (shape.length - 1));
        // Equal parts: the last may be smaller.
        const sizes = equal
          ? parts.map((_, i) => (i === parts.length - 1 ? Math.min(2, parts[0]) : 2))
          : parts;
        const length = sizes.reduce((sum, n) => sum + n, 0);
        const part = equal ? Math.ceil(length / sizes.length) : 0;
        const real = equal ? sizes.map((_, i) => Math.min(part, length - i * part)) : sizes;
        if (real.some((n) => n < 1)) return;
        let from = 0;
        const places = real.map((n) => Array.from({ length: n }, () => from++));
        await check({
          op: 'Split',
          attributes: equal ? { axis, num_outputs: sizes.length } : { axis },
          inputs: [{ array: array(random(seed), shape.with(axis, length)) }, ...(equal ? [] : [ints(sizes)])],
          reference: ([a]) => places.map((kept) => taken(a, axis, kept)),
          differentiable: [0],
          seed,
        });
      }),
      { numRuns: 20 },
    ));
});

describe('Slice', () => {
  const cut = fc.record({
    start: fc.integer({ min: -7, max: 7 }),
    end: fc.integer({ min: -9, max: 9 }),
    step: fc.constantFrom(-3, -2, -1, 1, 2, 3),
  });
  it('forwards and backwards, in any steps', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(2, 4, 6),
        fc.array(cut, { minLength: 1, maxLength: 3 }),
        fc.integer(),
        async (shape, cuts, seed) => {
          const used = cuts.slice(0, shape.length - 1);
          const kept = used.map(({ start, end, step }, i) => range(shape[i + 1], start, end, step));
          if (kept.some((list) => list.length === 0)) return;
          await check({
            op: 'Slice',
            inputs: [
              { array: array(random(seed), shape) },
              ints(used.map((c) => c.start)),
              ints(used.map((c) => c.end)),
              ints(used.map((_, i) => i + 1)),
              ints(used.map((c) => c.step)),
            ],
            reference: ([a]) => [kept.reduce((part, list, i) => taken(part, i + 1, list), a)],
            differentiable: [0],
            seed,
          });
        },
      ),
      { numRuns: 60 },
    ));
});

describe('Pad', () => {
  const ends = fc.array(fc.tuple(fc.integer({ min: -1, max: 3 }), fc.integer({ min: -1, max: 3 })), {
    minLength: 3,
    maxLength: 3,
  });
  it('constant, negative, reflect, edge', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(2, 4),
        ends,
        fc.constantFrom('constant', 'reflect', 'edge'),
        fc.constantFrom(0, -1, 2),
        fc.boolean(),
        fc.integer(),
        async (shape, given, mode, value, axes, seed) => {
          const within = (n: number, size: number) =>
            mode === 'constant' ? n : Math.max(0, mode === 'reflect' ? Math.min(n, size - 1) : n);
          const own = shape.slice(1).map((size, i) => given[i].map((n) => within(n, size)));
          if (own.some(([before, after], i) => shape[i + 1] + before + after < 1)) return;
          if (own.some(([before, after], i) => Math.min(before, 0) + Math.min(after, 0) <= -shape[i + 1]))
            return;
          const pads = [0, ...own.map(([n]) => n), 0, ...own.map(([, n]) => n)];
          const some = [...own.map(([n]) => n), ...own.map(([, n]) => n)];
          await check({
            op: 'Pad',
            attributes: { mode },
            inputs: [
              { array: array(random(seed), shape) },
              ints(axes ? some : pads),
              value === 0 && !axes ? undefined : float32([], [value]),
              axes ? ints(own.map((_, i) => i + 1)) : undefined,
            ],
            reference: ([a]) => [padded(a, pads, mode, value)],
            differentiable: [0],
            seed,
          });
        },
      ),
      { numRuns: 60 },
    ));
});

describe('Transpose', () => {
  it('in any order', () =>
    fc.assert(
      fc.asyncProperty(shapes(1, 4), fc.integer(), fc.boolean(), async (shape, seed, given) => {
        const next = random(seed);
        const axes = shape.map((_, i) => i);
        const perm = given
          ? axes
              .map((axis) => ({ axis, key: next() }))
              .sort((a, b) => a.key - b.key)
              .map((p) => p.axis)
          : axes.toReversed();
        await check({
          op: 'Transpose',
          attributes: given ? { perm } : {},
          inputs: [{ array: array(next, shape) }],
          reference: ([a]) => [permuted(a, perm)],
          seed,
        });
      }),
      { numRuns: 12 },
    ));
});

describe('reshaping', () => {
  const to =
    (shape: readonly number[]) =>
    ([a]: NdArray[]) => [{ shape, data: a.data }];

  it('Flatten', () =>
    fc.assert(
      fc.asyncProperty(shapes(1, 4), fc.nat(), fc.integer(), async (shape, where, seed) => {
        const axis = where % (shape.length + 1);
        // Only axis 1 leaves the batch a dimension of its own.
        await check({
          op: 'Flatten',
          attributes: axis === 1 ? {} : { axis },
          inputs: [{ array: array(random(seed), shape), batch: axis === 1 }],
          reference: to([count(shape.slice(0, axis)), count(shape.slice(axis))]),
          seed,
        });
      }),
      { numRuns: 12 },
    ));

  it('Reshape', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(2, 4),
        fc.nat(2),
        fc.constantFrom('keep', 'open', 'both'),
        fc.integer(),
        async (shape, split, batch, seed) => {
          const rest = count(shape.slice(1));
          const factor = [1, 2, 3].filter((n) => rest % n === 0)[split] ?? 1;
          const target = [shape[0], factor, rest / factor];
          const written = [batch === 'open' ? -1 : 0, factor, batch === 'both' ? -1 : rest / factor];
          await check({
            op: 'Reshape',
            inputs: [{ array: array(random(seed), shape) }, ints(written)],
            reference: to(target),
            differentiable: [0],
            seed,
          });
        },
      ),
      { numRuns: 20 },
    ));

  it('Squeeze and Unsqueeze', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(2, 3),
        fc.uniqueArray(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }),
        fc.boolean(),
        fc.integer(),
        async (shape, places, fromEnd, seed) => {
          const axes = places.filter((axis) => axis < shape.length + places.length).sort((a, b) => a - b);
          if (axes.length < places.length) return;
          const long = shape.slice();
          for (const axis of axes) long.splice(axis, 0, 1);
          const written = ints(fromEnd ? axes.map((axis) => axis - long.length) : axes);
          const next = random(seed);
          await check({
            op: 'Unsqueeze',
            inputs: [{ array: array(next, shape) }, written],
            reference: to(long),
            differentiable: [0],
            seed,
          });
          await check({
            op: 'Squeeze',
            inputs: [{ array: array(next, long) }, written],
            reference: to(shape),
            differentiable: [0],
            seed,
          });
        },
      ),
      { numRuns: 10 },
    ));

  it('Squeeze of all ones', () =>
    check({
      op: 'Squeeze',
      inputs: [{ array: array(random(1), [2, 1, 3, 1]) }],
      reference: to([2, 3]),
      seed: 1,
    }));

  const inferred =
    (op: string, shape: Shape, target?: number[], attributes = {}) =>
    () => {
      const b = new GraphBuilder('test');
      const inputs = [b.input({ name: 'x', type: 'float32', shape })];
      if (target) inputs.push(b.ints(...target));
      b.node({ op, name: 'fc/reshape', inputs, outputs: ['y'], attributes });
      b.output('y', { name: 'y', type: 'float32', shape: [] });
      return infer(b.build()).shapes.get('y');
    };

  it('keeps the batch symbolic', () => {
    expect(inferred('Reshape', ['N', 4, 3], [-1, 12])()).toEqual(['N', 12]);
    expect(inferred('Reshape', ['N', 4, 3], [0, -1])()).toEqual(['N', 12]);
    expect(inferred('Flatten', ['N', 4, 3, 2])()).toEqual(['N', 24]);
  });

  it('keeps count of a batch that is joined with other dimensions', () => {
    expect(inferred('Reshape', ['N', 4, 3], [-1, 4])()).toEqual(['3*N', 4]);
    expect(inferred('Reshape', ['3*N', 4], [-1, 2, 6])()).toEqual(['N', 2, 6]);
    expect(inferred('Flatten', ['N', 4], undefined, { axis: 2 })()).toEqual(['4*N', 1]);
  });

  it('says where dimensions do not fit for every size of the batch', () => {
    expect(inferred('Reshape', ['N', 4, 3], [-1, 5])).toThrow(/node 'fc\/reshape' \(Reshape\): .*batch/);
    expect(inferred('Reshape', ['N', 4, 3], [1, 12])).toThrow(/batch/);
    expect(inferred('Reshape', [2, 4], [3, 3])).toThrow(/\[2,4\] cannot become \[3,3\]/);
  });
});
