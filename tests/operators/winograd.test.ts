import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradient } from '../../src/gradient/index.ts';
import { float32, type Graph, GraphBuilder, type Tensor } from '../../src/graph/index.ts';
import { tiledConv, tiledWeightGradient, tilesRows } from '../../src/operators/convolution/winograd.ts';
import { lower } from '../../src/operators/index.ts';
import { noise } from '../nets.ts';
import { at, atOr, build, indices, type NdArray } from '../reference/array.ts';
import { convolution } from '../reference/convolution.ts';
import { relativeError } from '../reference-data.ts';
import { runGraph } from '../run.ts';
import { expectClose } from './close.ts';
import { array, random } from './random.ts';

const axis = (kernel: number, length: number, before: number, after: number) => ({
  kernel,
  stride: 1,
  dilation: 1,
  before,
  after,
  input: length,
  output: length + before + after - kernel + 1,
});

const cases = fc.record({
  kernel: fc.constantFrom(3, 5),
  width: fc.integer({ min: 1, max: 5 }),
  size: fc.tuple(fc.integer({ min: 5, max: 14 }), fc.integer({ min: 5, max: 7 })),
  before: fc.nat(2),
  after: fc.nat(2),
  channels: fc.integer({ min: 1, max: 4 }),
  outputs: fc.integer({ min: 1, max: 4 }),
  seed: fc.integer(),
});

/** dW[k,c,s,t] = Σ dy[n,k,i,j] · x[n,c,i+s−before,j+t−before], literally. */
const weightGradient = (x: NdArray, dy: NdArray, kernel: readonly number[], pads: readonly number[]) =>
  build([dy.shape[1], x.shape[1], ...kernel], ([k, c, s, t]) =>
    indices([dy.shape[0], dy.shape[2], dy.shape[3]]).reduce(
      (sum, [n, i, j]) => sum + at(dy, [n, k, i, j]) * atOr(x, [n, c, i + s - pads[0], j + t - pads[1]], 0),
      0,
    ),
  );

const tensor = ({ shape, data }: NdArray) => float32(shape, data);

describe('convolutions by Winograd', () => {
  it('and the gradients of their weights, as literal ones', () =>
    fc.assert(
      fc.asyncProperty(cases, async ({ kernel, width, size, before, after, channels, outputs, seed }) => {
        const axes = [axis(kernel, size[0], before, after), axis(width, size[1], after, before)];
        const c = { axes, groups: 1, channels, outputs };
        const next = random(seed);
        const [x, w] = [array(next, [2, channels, ...size]), array(next, [outputs, channels, kernel, width])];
        const dy = array(next, [2, outputs, ...axes.map(({ output }) => output)]);
        const b = new GraphBuilder('tiles');
        for (const [name, { shape }] of Object.entries({ x, w, dy }))
          b.input({ name, type: 'float32', shape });
        b.output(tiledConv(b, c, 'x', 'w'), { name: 'y', type: 'float32', shape: dy.shape });
        b.output(tiledWeightGradient(b, c, 'x', 'dy'), { name: 'dw', type: 'float32', shape: w.shape });
        const results = await runGraph(b.build(), { x: tensor(x), w: tensor(w), dy: tensor(dy) });
        const found = (name: string): NdArray => ({
          shape: results[name].shape,
          data: Float64Array.from(results[name].data as Float32Array),
        });
        const pads = [before, after, after, before];
        const y = convolution(x, w, undefined, { strides: [1, 1], dilations: [1, 1], pads, group: 1 });
        expectClose(found('y'), y, 'y', 2e-5);
        expectClose(found('dw'), weightGradient(x, dy, [kernel, width], pads), 'the gradient of w', 2e-5);
      }),
      { numRuns: 40 },
    ));

  it.each([
    [3, 128, 12],
    [5, 64, 9],
  ])(
    'stand in for Conv and its gradients where weights of %i rows change',
    async (kernel, channels, side) => {
      const pad = (kernel - 1) / 2;
      const shape = [channels, channels, kernel, kernel];
      const changing = layer(['N', channels, side, side], shape, pad);
      const feeds = {
        x: noise([2, channels, side, side], 1),
        w: noise(shape, 2),
        bias: noise([channels], 3),
      };
      const dy = noise([2, channels, side, side], 4);
      const constants = new Map([...changing.constants, ['w', feeds.w] as const]);
      const constant: Graph = {
        ...changing,
        inputs: changing.inputs.filter(({ name }) => name !== 'w'),
        constants,
      };
      const run = async (graph: Graph): Promise<Record<string, Tensor>> => {
        const all = gradient(graph, { outputs: ['y'], wrt: ['x', 'w', 'bias'] });
        const wanted = Object.fromEntries(
          Object.entries(feeds).filter(([name]) => all.inputs.some((i) => i.name === name)),
        );
        return runGraph(all, { ...wanted, 'cotangent:y': dy });
      };
      const [fast, plain] = [await run(changing), await run(constant)];
      for (const name of ['y', 'gradient:x', 'gradient:w', 'gradient:bias']) {
        expect(relativeError(fast[name], plain[name]), name).toBeLessThan(1e-5);
      }
      const ops = (graph: Graph) => lower(graph).nodes.map(({ op }) => op);
      expect(ops(constant)).toEqual(['Conv']);
      expect(ops(changing)).toContain('MatMul');
    },
  );

  it('only where that pays', () => {
    const c = (kernel: number, channels: number, length = 20, more = {}) => ({
      axes: [axis(kernel, length, 1, 1), axis(kernel, length, 1, 1)],
      groups: 1,
      channels,
      outputs: channels,
      ...more,
    });
    expect(tilesRows(c(3, 128))).toBe(true);
    expect(tilesRows(c(5, 64))).toBe(true);
    expect(tilesRows(c(3, 16))).toBe(false);
    expect(tilesRows(c(1, 128))).toBe(false);
    expect(tilesRows(c(7, 128))).toBe(false);
    expect(tilesRows(c(3, 128, 7))).toBe(false);
    expect(tilesRows(c(3, 128, 20, { groups: 2 }))).toBe(false);
    const strided = { ...axis(3, 20, 1, 1), stride: 2 };
    expect(tilesRows(c(3, 128, 20, { axes: [strided, strided] }))).toBe(false);
  });
});

function layer(x: readonly (string | number)[], w: readonly number[], pad: number): Graph {
  const b = new GraphBuilder('layer');
  b.input({ name: 'x', type: 'float32', shape: x });
  b.input({ name: 'w', type: 'float32', shape: w });
  b.input({ name: 'bias', type: 'float32', shape: [w[0]] });
  b.node({
    name: 'conv',
    op: 'Conv',
    inputs: ['x', 'w', 'bias'],
    outputs: ['y'],
    attributes: { pads: [pad, pad, pad, pad] },
  });
  b.output('y', { name: 'y', type: 'float32', shape: [x[0], w[0], x[2], x[3]] });
  return b.build();
}
