import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { explanationGraph } from '../../src/attribution/index.ts';
import { GraphBuilder, int64, type Model } from '../../src/graph/index.ts';
import { array, random } from '../operators/random.ts';
import type { NdArray } from '../reference/array.ts';
import { cheferMatrices, drawn, rolloutMatrices } from '../reference/relevance/transformer.ts';
import { expectClose } from '../relevance/close.ts';
import { tensorOf } from '../relevance/several.ts';
import { runGraph } from '../run.ts';
import { sizesUpTo, visionTransformer, weightsOf } from '../transformer.ts';

const sizes = sizesUpTo({ hidden: 4, blocks: 3, classes: 3 });

describe('methods of attention are what their papers say, in float64', () => {
  test.each(['attention-rollout', 'chefer'] as const)('%s', async (method) => {
    await fc.assert(
      fc.asyncProperty(sizes, async (sizes) => {
        const weights = weightsOf(sizes);
        const { channels, grid, patch } = sizes;
        const shape = [channels, grid[0] * patch, grid[1] * patch];
        const images = array(random(sizes.seed + 1), [2, ...shape]);
        const { graph } = explanationGraph(visionTransformer(sizes, weights), { method });
        const { relevance } = await runGraph(graph, { x: tensorOf(images), target: int64([2], [1, 1]) });
        expect(relevance.shape).toEqual(images.shape);
        const each = images.data.length / 2;
        for (const row of [0, 1]) {
          const part = (data: ArrayLike<number>): NdArray => ({
            shape,
            data: Float64Array.from(data).slice(row * each, (row + 1) * each),
          });
          const image = part(images.data);
          const matrices =
            method === 'chefer'
              ? cheferMatrices(image, sizes, weights, 1)
              : rolloutMatrices(image, sizes, weights);
          expectClose(part(relevance.data as Float32Array), drawn(matrices, sizes), method, 2e-5);
        }
      }),
      { numRuns: 5 },
    );
  });
});

describe('methods of attention refuse what they are not for', () => {
  const refused = (write: (b: GraphBuilder, x: string) => string): (() => unknown) => {
    const b = new GraphBuilder('net');
    const y = write(b, b.input({ name: 'x', type: 'float32', shape: ['N', 3, 4, 4] }));
    b.output(b.op('ReduceMean', [y, b.ints(-1)], { keepdims: 0 }), {
      name: 'y',
      type: 'float32',
      shape: ['N', 3],
    });
    const info = { heads: [{ name: 'class', output: 'y', kind: 'classes' as const }], provenance: {} };
    const model: Model = { graph: b.build(), info };
    return () => explanationGraph(model, { method: 'attention-rollout' });
  };
  const attend = (b: GraphBuilder, x: string, keys: string): string =>
    b.op('MatMul', [
      b.op('Softmax', [b.op('MatMul', [x, b.op('Transpose', [keys], { perm: [0, 2, 1] })])], { axis: -1 }),
      keys,
    ]);

  test('networks without attention', () => {
    const net = refused((b, x) => b.op('Reshape', [b.op('Relu', [x]), b.ints(0, 3, 16)]));
    expect(net).toThrow(/it has no attention/);
  });

  test('windows, each with attention of its own', () => {
    const net = refused((b, x) => {
      const windows = b.op('Reshape', [x, b.ints(-1, 1, 2, 12)]);
      const each = b.op('Reshape', [windows, b.ints(-1, 2, 12)]);
      const heads = b.op('Reshape', [attend(b, each, each), b.ints(-1, 2, 2, 6)]);
      const product = b.op('MatMul', [
        b.op('Softmax', [b.op('MatMul', [heads, b.op('Transpose', [heads], { perm: [0, 1, 3, 2] })])], {
          axis: -1,
        }),
        heads,
      ]);
      return b.op('Reshape', [product, b.ints(-1, 3, 16)]);
    });
    expect(net).toThrow(/not among all tokens of an image/);
  });

  test('queries that are others than the keys', () => {
    const net = refused((b, x) => {
      const tokens = b.op('Reshape', [x, b.ints(0, 16, 3)]);
      const few = b.op('Slice', [tokens, b.ints(0), b.ints(3), b.ints(1)]);
      return attend(b, few, tokens);
    });
    expect(net).toThrow(/not among all tokens of an image/);
  });

  test('options that their definitions leave no room for', () => {
    const model = visionTransformer({
      seed: 1,
      channels: 1,
      grid: [2, 2],
      patch: 1,
      heads: 1,
      width: 2,
      hidden: 2,
      blocks: 1,
      classes: 2,
      reads: 'mean',
    });
    expect(() => explanationGraph(model, { method: 'chefer' }, { start: 'score' })).toThrow(
      /fixes the start/,
    );
    expect(() => explanationGraph(model, { method: 'chefer' }, { at: ['gelu0'] })).toThrow(
      /at the input only/,
    );
    expect(() => explanationGraph(model, { method: 'chefer' }, { conservation: true })).toThrow(
      /not conserve/,
    );
  });
});
