import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32, GraphBuilder, int64, type Shape } from '../../src/graph/index.ts';
import { infer } from '../../src/operators/index.ts';
import { at, build, count, type NdArray } from '../reference/array.ts';
import { broadcasting } from '../reference/broadcasting.ts';
import { concatenated, padded, permuted, range, resized, taken } from '../reference/movement.ts';
import { broadcastPair, shapes } from './arbitrary.ts';
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

describe('choosing and repeating', () => {
  it('Gather along any axis, by indices of any shape, repeated or negative', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(1, 4),
        fc.nat(3),
        shapes(0, 2, 3),
        fc.integer(),
        async (shape, a, own, seed) => {
          const next = random(seed);
          const axis = a % shape.length;
          const chosen = Array.from({ length: own.reduce((p, n) => p * n, 1) }, () =>
            Math.floor((next() * 2 - 1) * shape[axis]),
          );
          await check({
            op: 'Gather',
            attributes: { axis: seed % 2 === 0 ? axis : axis - shape.length },
            inputs: [{ array: array(next, shape), batch: axis !== 0 }, int64(own, chosen)],
            reference: ([x]) => [
              build([...shape.slice(0, axis), ...own, ...shape.slice(axis + 1)], (index) => {
                const at1 = index.slice(axis, axis + own.length);
                const place = own.reduce((sum, n, i) => sum * n + at1[i], 0);
                const i = (chosen[place] + shape[axis]) % shape[axis];
                return at(x, [...index.slice(0, axis), i, ...index.slice(axis + own.length)]);
              }),
            ],
            seed,
          });
        },
      ),
      { numRuns: 30 },
    ));

  it('GatherElements along any axis', () =>
    fc.assert(
      fc.asyncProperty(shapes(1, 3), fc.nat(3), fc.integer(), async (shape, a, seed) => {
        const next = random(seed);
        const axis = a % shape.length;
        const own = shape.map((n, i) => (i === axis ? n + 1 : n));
        const chosen = Array.from({ length: own.reduce((p, n) => p * n, 1) }, () =>
          Math.floor(next() * shape[axis]),
        );
        await check({
          op: 'GatherElements',
          attributes: { axis },
          inputs: [{ array: array(next, shape), batch: false }, int64(own, chosen)],
          reference: ([x]) => [
            build(own, (index) => {
              const place = own.reduce((sum, n, i) => sum * n + index[i], 0);
              return at(x, index.with(axis, chosen[place]));
            }),
          ],
          seed,
        });
      }),
      { numRuns: 20 },
    ));

  it('Expand to any shape', () =>
    fc.assert(
      fc.asyncProperty(broadcastPair, fc.integer(), async ({ shape, part }, seed) => {
        await check({
          op: 'Expand',
          inputs: [{ array: array(random(seed), part), batch: false }, int64([shape.length], shape)],
          reference: ([x]) => [broadcasting([x, build(shape, () => 0)], ([value]) => value)],
          seed,
        });
      }),
      { numRuns: 20 },
    ));

  it('Tile any number of times', () =>
    fc.assert(
      fc.asyncProperty(shapes(1, 4), shapes(4, 4, 3), fc.integer(), async (shape, times, seed) => {
        const repeats = times.slice(0, shape.length);
        await check({
          op: 'Tile',
          inputs: [{ array: array(random(seed), shape), batch: false }, int64([repeats.length], repeats)],
          reference: ([x]) => [
            build(
              shape.map((n, i) => n * repeats[i]),
              (index) =>
                at(
                  x,
                  index.map((p, i) => p % shape[i]),
                ),
            ),
          ],
          seed,
        });
      }),
      { numRuns: 20 },
    ));

  it('Where by a constant condition', () =>
    fc.assert(
      fc.asyncProperty(broadcastPair, fc.boolean(), fc.integer(), async ({ shape, part }, swap, seed) => {
        const next = random(seed);
        const [left, right] = swap ? [part, shape] : [shape, part];
        const bits = Uint8Array.from({ length: part.reduce((p, n) => p * n, 1) }, () => Number(next() < 0.5));
        const mask = { shape: part, data: Float64Array.from(bits) };
        await check({
          op: 'Where',
          inputs: [
            { type: 'bool', shape: part, data: bits },
            { array: array(next, left), batch: false },
            { array: array(next, right), batch: false },
          ],
          reference: ([x, y]) => [broadcasting([mask, x, y], ([c, a, b]) => (c ? a : b))],
          seed,
        });
      }),
      { numRuns: 20 },
    ));

  it('Cast to floats', () =>
    fc.assert(
      fc.asyncProperty(shapes(1, 3), fc.integer(), async (shape, seed) => {
        await check({
          op: 'Cast',
          attributes: { to: 1 },
          inputs: [{ array: array(random(seed), shape) }],
          reference: ([x]) => [x],
          seed,
        });
      }),
      { numRuns: 5 },
    ));
});

describe('pixels and channels', () => {
  it('DepthToSpace in both orders, and SpaceToDepth', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(4, 4, 3),
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom('DCR', 'CRD', undefined),
        fc.integer(),
        async ([n, c, h, w], block, mode, seed) => {
          // Element (channel, row, column, block row, block column) of the deep and of the wide side.
          const deep = ([k, y, x, i, j]: number[]) => [
            mode === 'CRD' ? (k * block + i) * block + j : (i * block + j) * c + k,
            y,
            x,
          ];
          const isDeep = mode !== undefined;
          const shape = isDeep ? [n, c * block ** 2, h, w] : [n, c, h * block, w * block];
          await check({
            op: isDeep ? 'DepthToSpace' : 'SpaceToDepth',
            attributes: { blocksize: block, ...(mode && { mode }) },
            inputs: [{ array: array(random(seed), shape) }],
            reference: ([x]) => [
              isDeep
                ? build([n, c, h * block, w * block], ([image, k, y, z]) =>
                    at(x, [
                      image,
                      ...deep([k, Math.floor(y / block), Math.floor(z / block), y % block, z % block]),
                    ]),
                  )
                : build([n, c * block ** 2, h, w], ([image, k, y, z]) => {
                    const place = Math.floor(k / c);
                    return at(x, [
                      image,
                      k % c,
                      y * block + Math.floor(place / block),
                      z * block + (place % block),
                    ]);
                  }),
            ],
            seed,
          });
        },
      ),
      { numRuns: 25 },
    ));

  it('Resize to the nearest pixel, linearly or cubically, by scales and by sizes, in all coordinates', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(4, 4, 4),
        shapes(2, 2, 7),
        fc.constantFrom('nearest', 'linear', 'cubic'),
        fc.constantFrom('half_pixel', 'pytorch_half_pixel', 'asymmetric', 'align_corners'),
        fc.constantFrom('floor', 'ceil', 'round_prefer_floor', 'round_prefer_ceil'),
        fc.integer(),
        async (shape, size, mode, coordinates, rounding, seed) => {
          const sizes = [...shape.slice(0, 2), ...size];
          await check({
            op: 'Resize',
            attributes: {
              mode,
              coordinate_transformation_mode: coordinates,
              ...(mode === 'nearest' && { nearest_mode: rounding }),
            },
            inputs: [
              { array: array(random(seed), shape), batch: false },
              undefined,
              undefined,
              int64([4], sizes),
            ],
            reference: ([x]) => [resized(x, size, { mode, coordinates, rounding })],
            seed,
          });
        },
      ),
      { numRuns: 60 },
    ));
});
