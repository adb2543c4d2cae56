import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32, GraphBuilder, numbers } from '../../src/graph/index.ts';
import { infer, lower, operatorOf, Site } from '../../src/operators/index.ts';
import { count, map } from '../reference/array.ts';
import { averagePooling, lpPooling, maxPooling, type PoolingGeometry } from '../reference/pooling.ts';
import { runGraph } from '../run.ts';
import { type Axis, pads, poolAxis } from './arbitrary.ts';
import { check } from './check.ts';
import { gradientsOf } from './gradients.ts';
import { array, random } from './random.ts';

const image = (axis: fc.Arbitrary<Axis>) => fc.array(axis, { minLength: 1, maxLength: 2 });

/**
 * Whether rounding up adds a window that starts in the end padding and is dropped again. ONNX Runtime computes that
 * rightly, but the shape inference of operator set 18 counts the window, and the nodes around it then do not fit.
 */
const dropsWindow = (axes: readonly Axis[]): boolean =>
  axes.some((a) => {
    const room = a.size + a.before + a.after - ((a.kernel - 1) * a.dilation + 1);
    return room % a.stride !== 0 && Math.ceil(room / a.stride) * a.stride >= a.size + a.before;
  });

const geometry = (axes: readonly Axis[], ceil: boolean): PoolingGeometry => ({
  kernel: axes.map((a) => a.kernel),
  strides: axes.map((a) => a.stride),
  dilations: axes.map((a) => a.dilation),
  pads: pads(axes),
  ceil,
});

const attributes = (g: PoolingGeometry) => ({
  kernel_shape: g.kernel,
  strides: g.strides,
  pads: g.pads,
  ...(g.ceil && { ceil_mode: 1 }),
});

describe('AveragePool', () => {
  it('with any window, padding counted or not, sizes rounded up or down', () =>
    fc.assert(
      fc.asyncProperty(
        image(poolAxis(2)),
        fc.boolean(),
        fc.boolean(),
        fc.nat(2),
        fc.integer(),
        async (axes, ceil, include, c, seed) => {
          const g = geometry(axes, ceil && !dropsWindow(axes));
          const shape = [2, c + 1, ...axes.map((a) => a.size)];
          await check({
            op: 'AveragePool',
            attributes: {
              ...attributes(g),
              ...(axes.some((a) => a.dilation > 1) && { dilations: g.dilations }),
              ...(include && { count_include_pad: 1 }),
            },
            inputs: [{ array: array(random(seed), shape) }],
            reference: ([x]) => [averagePooling(x, g, include)],
            seed,
          });
        },
      ),
      { numRuns: 60 },
    ));

  it('counts what each window sees', () =>
    fc.assert(
      fc.property(image(poolAxis(1)), fc.boolean(), (axes, ceil) => {
        const g = geometry(axes, ceil);
        const shape = [1, 1, ...axes.map((a) => a.size)];
        const b = new GraphBuilder('test');
        b.input({ name: 'x', type: 'float32', shape });
        b.node({ op: 'AveragePool', name: 'pool', inputs: ['x'], outputs: ['y'], attributes: attributes(g) });
        b.output('y', { name: 'y', type: 'float32', shape: [] });
        const graph = b.build();
        const role = operatorOf(graph.nodes[0]).role(new Site(graph.nodes[0], infer(graph)));
        const seen = role.kind === 'linear' ? role.map.seen() : undefined;
        // The sum of ones, from the average of ones over the whole kernel.
        const ones = { shape, data: new Float64Array(count(shape)).fill(1) };
        const wide = { ...g, ceil: false, pads: g.pads.map((n, i) => (i < axes.length ? n : n + 9)) };
        const sums = map(averagePooling(ones, wide, true), (mean) => mean * count(g.kernel));
        const grid = seen!.shape.slice(2);
        const kept = indicesOf(sums.shape.slice(2), grid);
        expect(Array.from(seen!.data)).toEqual(kept.map((i) => Math.round(sums.data[i])));
      }),
      { numRuns: 50 },
    ));
});

/** Where the elements of a grid stand in a larger one that begins at the same corner. */
function indicesOf(large: readonly number[], small: readonly number[]): number[] {
  return small.reduce<number[]>(
    (places, n, axis) =>
      places.flatMap((place) => Array.from({ length: n }, (_, i) => place * large[axis] + i)),
    [0],
  );
}

describe('MaxPool', () => {
  it('with any window, sizes rounded up or down', () =>
    fc.assert(
      fc.asyncProperty(
        image(poolAxis(2)),
        fc.boolean(),
        fc.boolean(),
        fc.nat(2),
        fc.integer(),
        async (axes, ceil, onProcessor, c, seed) => {
          const g = geometry(axes, ceil && !dropsWindow(axes));
          const shape = [2, c + 1, ...axes.map((a) => a.size)];
          await check({
            op: 'MaxPool',
            attributes: { ...attributes(g), dilations: g.dilations },
            inputs: [{ array: array(random(seed), shape) }],
            reference: ([x]) => [maxPooling(x, g)],
            onProcessor,
            seed,
          });
        },
      ),
      { numRuns: 60 },
    ));

  it('gives ties to the first in row-major order', async () => {
    // Overlapping 2×2 windows, all equal: each window's first cell wins.
    const flat = { shape: [1, 1, 3, 3], data: new Array<number>(9).fill(1) };
    const window = { kernel_shape: [2, 2] };
    expect(await gradientsOf('MaxPool', [flat], window)).toEqual([[1, 1, 0, 1, 1, 0, 0, 0, 0]]);
    // A later row's maximum does not win over an earlier row's, even in an earlier column.
    const tied = { shape: [1, 1, 2, 2], data: [0, 4, 4, 0] };
    expect(await gradientsOf('MaxPool', [tied], window)).toEqual([[0, 1, 0, 0]]);
    // So by indices, which count through the whole batch.
    const apart = { kernel_shape: [2, 2], strides: [2, 2] };
    const images = { shape: [2, 1, 2, 4], data: [1, 1, 0, 4, 1, 1, 4, 0, 3, 3, 3, 3, 3, 3, 3, 3] };
    const first = [1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0];
    for (const onProcessor of [false, true])
      expect(await gradientsOf('MaxPool', [images], apart, onProcessor)).toEqual([first]);
  });
});

it('MaxPool counts cells of zeros that Pad has added, whatever ONNX Runtime merges', async () => {
  const b = new GraphBuilder('padded');
  const x = b.input({ name: 'x', type: 'float32', shape: [1, 1, 2, 2] });
  const padded = b.op('Pad', [x, b.ints(0, 0, 1, 1, 0, 0, 1, 1), b.scalar(0)], { mode: 'constant' });
  const most = b.op('MaxPool', [padded], { kernel_shape: [2, 2], strides: [1, 1], pads: [1, 0, 0, 1] });
  b.output(most, { name: 'y', type: 'float32', shape: [1, 1, 4, 4] });
  const given = float32([1, 1, 2, 2], [-1, -2, -3, -4]);
  const { y } = await runGraph(lower(b.build()), { x: given });
  // Where every cell of a window is one of the image, the largest of them; else a zero of its frame.
  const expected = [0, 0, 0, 0, 0, 0, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0];
  expect(numbers(y).map((v) => Math.round(v * 1e6) / 1e6 + 0)).toEqual(expected);
});

describe('LpPool', () => {
  it('of any order, with any window', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(poolAxis(2), { minLength: 2, maxLength: 2 }),
        fc.integer({ min: 1, max: 3 }),
        fc.nat(2),
        fc.integer(),
        async (axes, p, c, seed) => {
          const g = geometry(axes, false);
          const shape = [2, c + 1, ...axes.map((a) => a.size)];
          await check({
            op: 'LpPool',
            attributes: { ...attributes(g), dilations: g.dilations, p },
            inputs: [{ array: array(random(seed), shape) }],
            reference: ([x]) => [lpPooling(x, g, p)],
            seed,
          });
        },
      ),
      { numRuns: 30 },
    ));
});
