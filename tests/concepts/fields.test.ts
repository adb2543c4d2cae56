import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  layersOnAllWays,
  receptiveField,
  relevanceExtent,
  squared,
  usualLayers,
} from '../../src/concepts/index.ts';
import { float32, GraphBuilder, type Head, type Model } from '../../src/graph/index.ts';
import { infer } from '../../src/operators/index.ts';
import { noise, tinyInception } from '../nets.ts';
import { random } from '../operators/random.ts';
import { smallestSquare } from '../reference/concepts.ts';
import { runGraph } from '../run.ts';

interface Window {
  readonly kind: 'conv' | 'max' | 'average' | 'pad' | 'branches' | 'gate';
  readonly kernel: number;
  readonly stride: number;
  readonly before: number;
  readonly after: number;
  readonly dilation: number;
}

const window: fc.Arbitrary<Window> = fc.record({
  kind: fc.constantFrom('conv', 'max', 'average', 'pad', 'branches', 'gate'),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 2 }),
  before: fc.integer({ min: 0, max: 1 }),
  after: fc.integer({ min: 0, max: 1 }),
  dilation: fc.integer({ min: 1, max: 2 }),
});

const side = 13;

/** A network of positive weights, so that nothing that is seen cancels, of such windows one after the other. */
function networkOf(list: readonly Window[], seed: number) {
  const b = new GraphBuilder('windows');
  const next = random(seed);
  const weight = (shape: readonly number[]) =>
    b.weight(
      `w${next()}`,
      float32(
        shape,
        noise(shape, Math.floor(next() * 1e9)).data.map((v) => 1 + v / 2),
      ),
    );
  let value = b.input({ name: 'x', type: 'float32', shape: ['N', 1, side, side] });
  let channels = 1;
  for (const { kind, kernel, stride, before, after, dilation } of list) {
    const pads = [before, after, after, before];
    const attributes = { pads, strides: [stride, stride] };
    const dilations = [dilation, dilation];
    if (kind === 'conv') {
      value = b.op('Conv', [value, weight([2, channels, kernel, kernel])], { ...attributes, dilations });
      channels = 2;
    } else if (kind === 'max' || kind === 'average') {
      const small = { ...attributes, kernel_shape: [kernel + 1, kernel + 1] };
      value = b.op(kind === 'max' ? 'MaxPool' : 'AveragePool', [value], small);
    } else if (kind === 'pad') {
      value = b.op('Pad', [value, b.ints(0, 0, before, after, 0, 0, after, before)]);
    } else if (kind === 'branches') {
      const same = { pads: new Array<number>(4).fill(kernel - 1) };
      const wide = b.op('Conv', [value, weight([1, channels, 2 * kernel - 1, 2 * kernel - 1])], same);
      const narrow = b.op('Relu', [b.op('Conv', [value, weight([1, channels, 1, 1])])]);
      value = b.op('Concat', [b.op('Add', [wide, narrow]), narrow], { axis: 1 });
      channels = 2;
    } else {
      value = b.op('Mul', [
        value,
        b.op('Sigmoid', [b.op('ReduceMean', [value, b.ints(1)], { keepdims: 1 })]),
      ]);
    }
  }
  b.output(value, { name: 'y', type: 'float32', shape: ['N', channels, 'h', 'w'] });
  return b.build();
}

describe('receptive fields', () => {
  it('are what brute force finds: the pixels that change a position when they do', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer(), fc.array(window, { minLength: 1, maxLength: 3 }), async (seed, list) => {
        let graph: ReturnType<typeof networkOf>;
        try {
          graph = networkOf(list, seed);
          infer(graph);
        } catch {
          // Windows larger than what is left.
          return fc.pre(false);
        }
        // An image for each pixel, in which it alone is raised, beside that in which none is.
        const pixels = side * side;
        const base = noise([pixels], seed).data.map((v) => 2 + v / 10);
        const images = new Float32Array((pixels + 1) * pixels);
        for (let i = 0; i <= pixels; i++) {
          images.set(base, i * pixels);
          if (i < pixels) images[i * pixels + i] += 50;
        }
        const { y } = await runGraph(graph, { x: float32([pixels + 1, 1, side, side], images) });
        const [, channels, height, width] = y.shape;
        const cells = height * width;
        const at = (image: number, c: number, cell: number) =>
          Number(y.data[(image * channels + c) * cells + cell]);
        for (const cell of [0, Math.floor(cells / 2), cells - 1]) {
          const seen = Array.from({ length: pixels }, (_, i) => i).filter((i) =>
            Array.from({ length: channels }, (__, c) => c).some(
              (c) => at(i, c, cell) !== at(pixels, c, cell),
            ),
          );
          const field = receptiveField({ graph, value: 'y' }, [Math.floor(cell / width), cell % width]);
          if (seen.length === 0) continue;
          const rows = seen.map((i) => Math.floor(i / side));
          const columns = seen.map((i) => i % side);
          const found = {
            left: Math.min(...columns),
            top: Math.min(...rows),
            width: Math.max(...columns) - Math.min(...columns) + 1,
            height: Math.max(...rows) - Math.min(...rows) + 1,
          };
          // Windows with gaps may see less at a border.
          if (list.every(({ kind, dilation }) => kind !== 'conv' || dilation === 1))
            expect(field).toEqual(found);
          const bottom = (each: typeof found) => each.top + each.height;
          const right = (each: typeof found) => each.left + each.width;
          expect(field.left <= found.left && field.top <= found.top).toBe(true);
          expect(right(field) >= right(found) && bottom(field) >= bottom(found)).toBe(true);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('are the whole input behind dense layers, statistics over positions and layers without them', () => {
    const b = new GraphBuilder('net');
    b.input({ name: 'x', type: 'float32', shape: ['N', 2, 9, 9] });
    const scale = b.weight('scale', float32([2], Float32Array.of(1, 2)));
    b.node({ name: 'norm', op: 'InstanceNormalization', inputs: ['x', scale, scale], outputs: ['norm'] });
    b.node({
      name: 'pool',
      op: 'MaxPool',
      inputs: ['norm'],
      outputs: ['pool'],
      attributes: { kernel_shape: [2, 2] },
    });
    b.node({ name: 'mean', op: 'GlobalAveragePool', inputs: ['x'], outputs: ['mean'] });
    b.node({ name: 'gated', op: 'Mul', inputs: ['x', 'mean'], outputs: ['gated'] });
    for (const name of ['pool', 'gated', 'mean']) b.output(name, { name, type: 'float32', shape: [] });
    const graph = b.build();
    for (const value of ['pool', 'gated', 'mean'])
      expect(receptiveField({ graph, value }, [0, 0])).toEqual({ left: 0, top: 0, width: 9, height: 9 });
    expect(receptiveField({ graph: tinyInception(), value: 'fc' }, [0, 0]).width).toBe(17);
  });
});

describe('the extent of relevance', () => {
  it('is the smallest square with the share, of those as small the fullest', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.constantFrom(0.3, 0.5, 0.8, 0.95),
        (seed, width, height, share) => {
          const map = {
            width,
            height,
            data: noise([width * height], seed).data.map((v) => (v > 0.4 ? v : -v * v)),
          };
          const found = relevanceExtent(map, share);
          const square = smallestSquare(map, share);
          const positive = map.data.some((value) => value > 0);
          if (!positive) return void expect(found).toEqual({ left: 0, top: 0, width, height });
          expect(Math.max(found.width, found.height)).toBe(square);
          expect([found.width, found.height]).toEqual([Math.min(square, width), Math.min(square, height)]);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is no smaller than it may be, and grows to a square where there is room', () => {
    const data = new Float32Array(100);
    data[99] = 1;
    const map = { width: 10, height: 10, data };
    expect(relevanceExtent(map, 0.8, 4)).toEqual({ left: 6, top: 6, width: 4, height: 4 });
    expect(squared({ left: 2, top: 3, width: 6, height: 2 }, map)).toEqual({
      left: 2,
      top: 1,
      width: 6,
      height: 6,
    });
    expect(squared({ left: 0, top: 9, width: 1, height: 1 }, map, 3)).toEqual({
      left: 0,
      top: 7,
      width: 3,
      height: 3,
    });
  });
});

describe('layers on all ways', () => {
  it('are those that nothing passes by, after the activation and before pooling', () => {
    const head: Head = { name: 'prob', output: 'prob', kind: 'classes' };
    const model: Model = { graph: tinyInception(), info: { heads: [head], provenance: {} } };
    expect(layersOnAllWays(model, head)).toEqual(['conv1/relu', 'block']);
    expect(usualLayers(model, head)).toEqual(['block', 'conv1/relu']);
    const b = new GraphBuilder('dense');
    b.input({ name: 'x', type: 'float32', shape: ['N', 4] });
    b.node({ name: 'y', op: 'MatMul', inputs: ['x', b.weight('w', noise([4, 2], 1))], outputs: ['y'] });
    b.output('y', { name: 'y', type: 'float32', shape: ['N', 2] });
    const dense = { graph: b.build(), info: { heads: [{ ...head, output: 'y' }], provenance: {} } };
    expect(() => usualLayers(dense, dense.info.heads[0])).toThrow('dense: no layer has feature maps');
  });
});
