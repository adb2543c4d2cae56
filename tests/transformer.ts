import fc from 'fast-check';
import { type Graph, GraphBuilder, type Model } from '../src/graph/index.ts';
import { array, random } from './operators/random.ts';
import type { NdArray } from './reference/array.ts';
import { tensorOf } from './relevance/several.ts';

/** The sizes of a small vision transformer. */
export interface Sizes {
  readonly seed: number;
  readonly channels: number;
  /** Height and width of the image, in patches. */
  readonly grid: readonly [number, number];
  readonly patch: number;
  readonly heads: number;
  /** Of one head. */
  readonly width: number;
  readonly hidden: number;
  readonly blocks: number;
  readonly classes: number;
  /** What the scores are read from: the token that is put before the patches, or the mean of all. */
  readonly reads: 'token' | 'mean';
}

/** Any sizes of small ones, some of them up to these. */
export const sizesUpTo = (most: Pick<Sizes, 'hidden' | 'blocks' | 'classes'>): fc.Arbitrary<Sizes> =>
  fc.record<Sizes>({
    seed: fc.integer(),
    channels: fc.constantFrom(1, 3),
    grid: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 })),
    patch: fc.constantFrom(1, 2),
    heads: fc.constantFrom(1, 2),
    width: fc.integer({ min: 2, max: 4 }),
    hidden: fc.integer({ min: 2, max: most.hidden }),
    blocks: fc.integer({ min: 1, max: most.blocks }),
    classes: fc.integer({ min: 2, max: most.classes }),
    reads: fc.constantFrom('token', 'mean'),
  });

export interface Block {
  readonly norm1: Norm;
  readonly query: Dense;
  readonly key: Dense;
  readonly value: Dense;
  readonly project: Dense;
  readonly norm2: Norm;
  readonly up: Dense;
  readonly down: Dense;
}

export interface Dense {
  readonly weight: NdArray;
  readonly bias: NdArray;
}

export interface Norm {
  readonly scale: NdArray;
  readonly bias: NdArray;
}

/** All that a small vision transformer has learnt. */
export interface Weights {
  readonly embed: Dense;
  readonly token: NdArray;
  readonly positions: NdArray;
  readonly blocks: readonly Block[];
  readonly norm: Norm;
  readonly head: Dense;
}

export const normEpsilon = 1e-5;

export function weightsOf(sizes: Sizes): Weights {
  const { seed, channels, grid, patch, heads, width, hidden, blocks, classes, reads } = sizes;
  const next = random(seed);
  const features = heads * width;
  const tokens = grid[0] * grid[1] + (reads === 'token' ? 1 : 0);
  const dense = (from: number, to: number): Dense => ({
    weight: scaled(array(next, [from, to]), 1.5 / Math.sqrt(from)),
    bias: scaled(array(next, [to]), 0.1),
  });
  const norm = (): Norm => {
    const scale = array(next, [features], 0.5, 1.5);
    return { scale, bias: scaled(array(next, [features]), 0.1) };
  };
  const block = (): Block => ({
    norm1: norm(),
    query: dense(features, features),
    key: dense(features, features),
    value: dense(features, features),
    project: dense(features, features),
    norm2: norm(),
    up: dense(features, hidden),
    down: dense(hidden, features),
  });
  return {
    embed: {
      weight: scaled(array(next, [features, channels, patch, patch]), 1 / patch),
      bias: scaled(array(next, [features]), 0.1),
    },
    token: array(next, [1, 1, features]),
    positions: scaled(array(next, [1, tokens, features]), 0.3),
    blocks: Array.from({ length: blocks }, block),
    norm: norm(),
    head: dense(features, classes),
  };
}

const scaled = ({ shape, data }: NdArray, factor: number): NdArray => ({
  shape,
  data: data.map((value) => value * factor),
});

/** The network as exporters write it: x N×C×H×W, scores N×K. Its softmaxes are called `attention0` and so on. */
export function visionTransformer(sizes: Sizes, weights: Weights = weightsOf(sizes)): Model {
  const { channels, grid, patch, heads, width, classes, reads } = sizes;
  const features = heads * width;
  const patches = grid[0] * grid[1];
  const tokens = patches + (reads === 'token' ? 1 : 0);
  const b = new GraphBuilder('vit');
  const named = (name: string, op: string, inputs: readonly string[], attributes = {}) =>
    b.node({ name, op, inputs, outputs: [name], attributes })[0];
  const held = (a: NdArray) => b.constant(tensorOf(a));
  const dense = (name: string, x: string, { weight, bias }: Dense) =>
    named(name, 'Add', [named(`${name}/matmul`, 'MatMul', [x, held(weight)]), held(bias)]);
  const norm = (name: string, x: string, { scale, bias }: Norm) =>
    named(name, 'LayerNormalization', [x, held(scale), held(bias)], {
      axis: -1,
      epsilon: { float: normEpsilon },
    });

  const x = b.input({
    name: 'x',
    type: 'float32',
    shape: ['N', channels, grid[0] * patch, grid[1] * patch],
  });
  const strides = [patch, patch];
  const conv = named('embed', 'Conv', [x, held(weights.embed.weight), held(weights.embed.bias)], { strides });
  const flat = b.op('Reshape', [conv, b.ints(0, features, patches)]);
  let value = named('patches', 'Transpose', [flat], { perm: [0, 2, 1] });
  if (reads === 'token') {
    const batch = b.op('Shape', [x], { start: 0, end: 1 });
    const repeated = b.op('Expand', [
      held(weights.token),
      b.op('Concat', [batch, b.ints(1, 1)], { axis: 0 }),
    ]);
    value = named('tokens', 'Concat', [repeated, value], { axis: 1 });
  }
  value = named('positions', 'Add', [value, held(weights.positions)]);
  weights.blocks.forEach((block, i) => {
    const own = (name: string) => `${name}${i}`;
    const normed = norm(own('norm1.'), value, block.norm1);
    const split = (projected: string, perm: readonly number[]) =>
      b.op('Transpose', [b.op('Reshape', [projected, b.ints(0, tokens, heads, width)])], { perm });
    const query = split(dense(own('query'), normed, block.query), [0, 2, 1, 3]);
    const key = split(dense(own('key'), normed, block.key), [0, 2, 3, 1]);
    const values = split(dense(own('value'), normed, block.value), [0, 2, 1, 3]);
    const products = named(own('products'), 'MatMul', [query, key]);
    const scores = named(own('scores'), 'Mul', [products, b.scalar(1 / Math.sqrt(width))]);
    const attention = named(own('attention'), 'Softmax', [scores], { axis: -1 });
    const mixed = named(own('mixed'), 'MatMul', [attention, values]);
    const joined = b.op('Reshape', [
      b.op('Transpose', [mixed], { perm: [0, 2, 1, 3] }),
      b.ints(0, tokens, features),
    ]);
    value = named(own('residual1.'), 'Add', [value, dense(own('project'), joined, block.project)]);
    const up = dense(own('up'), norm(own('norm2.'), value, block.norm2), block.up);
    const down = dense(own('down'), named(own('gelu'), 'Gelu', [up]), block.down);
    value = named(own('residual2.'), 'Add', [value, down]);
  });
  const normed = norm('norm', value, weights.norm);
  const read =
    reads === 'token'
      ? named(
          'read',
          'Gather',
          [normed, b.constant({ type: 'int64', shape: [], data: BigInt64Array.of(0n) })],
          {
            axis: 1,
          },
        )
      : named('read', 'ReduceMean', [normed, b.ints(1)], { keepdims: 0 });
  const scores = named('scores', 'Gemm', [read, held(weights.head.weight), held(weights.head.bias)]);
  b.output(scores, { name: 'scores', type: 'float32', shape: ['N', classes] });
  const graph: Graph = b.build();
  return { graph, info: { heads: [{ name: 'class', output: 'scores', kind: 'classes' }], provenance: {} } };
}
