import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradient } from '../../src/gradient/index.ts';
import { float32, GraphBuilder, int64, type Tensor } from '../../src/graph/index.ts';
import { balances, canonise, namedComposite, relevance } from '../../src/relevance/index.ts';
import { array, random } from '../operators/random.ts';
import type { NdArray } from '../reference/array.ts';
import * as papers from '../reference/relevance/transformer.ts';
import { runGraph } from '../run.ts';
import { type Sizes, sizesUpTo, visionTransformer, weightsOf } from '../transformer.ts';
import { expectClose } from './close.ts';
import { handled, tensorOf } from './several.ts';

const sizes = sizesUpTo({ hidden: 6, blocks: 2, classes: 4 });

const imagesOf = ({ seed, channels, grid, patch }: Sizes, count: number): NdArray =>
  array(random(seed + 1), [count, channels, grid[0] * patch, grid[1] * patch]);

const rowOf = ({ shape, data }: NdArray | Tensor, row: number): NdArray => {
  const length = data.length / shape[0];
  const values = Float64Array.from(data as Float32Array).slice(row * length, (row + 1) * length);
  return { shape: shape.slice(1), data: values };
};

describe('relevance of transformers', () => {
  test.each([
    ['attnlrp', papers.attnlrp],
    ['cp-lrp', papers.cplrp],
    ['cp-lrp', papers.cplrpEpsilon, 0],
  ] as const)('%s is what its paper says, in float64', async (name, paper, gamma?: number) => {
    await fc.assert(
      fc.asyncProperty(sizes, async (sizes) => {
        const weights = weightsOf(sizes);
        const images = imagesOf(sizes, 2);
        const composite = namedComposite(name, gamma === undefined ? {} : { gamma });
        const { graph } = relevance(visionTransformer(sizes, weights), { composite });
        const results = await runGraph(graph, { x: tensorOf(images), target: int64([2], [0, 1]) });
        for (const target of [0, 1]) {
          const expected = papers.transformer(rowOf(images, target), sizes, weights);
          expectClose(
            rowOf(results.scores, target),
            { shape: [sizes.classes], data: Float64Array.from(expected.scores) },
            'scores',
          );
          const { pixels, largest } = expected.relevance(paper, target);
          // What float32 loses, it loses where relevance is largest.
          expectClose(rowOf(results.relevance, target), pixels, name, 1e-4 * Math.max(1, largest));
        }
      }),
      { numRuns: 6 },
    );
  });

  test.each(['attnlrp', 'cp-lrp'])('%s accounts for all relevance in every layer', async (name) => {
    await fc.assert(
      fc.asyncProperty(sizes, async (given) => {
        const sizes = { ...given, blocks: 1 };
        const model = visionTransformer(sizes);
        const { graph, sums } = relevance(model, { composite: namedComposite(name), conservation: true });
        const results = await runGraph(graph, {
          x: tensorOf(imagesOf(sizes, 1)),
          target: int64([1], [0]),
        });
        const lines = balances(sums, results, 0);
        expect(lines.length).toBeGreaterThan(10 * sizes.blocks);
        for (const { node, absolute, other } of lines) {
          // The token before the patches is no part of the picture: what it has ends there.
          if (node === 'Expand') continue;
          expect(Math.abs(other), `${node} has ${other} over`).toBeLessThan(1e-4 * (1 + absolute));
        }
      }),
      { numRuns: 2 },
    );
  });

  test('the gradient is that of the network, whatever dense layers have become for rules', async () => {
    const sizes = {
      seed: 3,
      channels: 1,
      grid: [2, 2],
      patch: 2,
      heads: 2,
      width: 3,
      hidden: 5,
      blocks: 2,
      classes: 3,
      reads: 'token',
    } as const;
    const model = visionTransformer(sizes);
    const x = tensorOf(imagesOf(sizes, 2));
    const made = relevance(model, { composite: namedComposite('gradient'), start: 'one' });
    const ours = await runGraph(made.graph, { x, target: int64([2], [1, 1]) });
    const seed = float32([2, 3], [0, 1, 0, 0, 1, 0]);
    const plain = gradient(model.graph, { outputs: ['scores'], wrt: ['x'] });
    const expected = await runGraph(plain, { x, 'cotangent:scores': seed });
    expectClose(rowOf(ours.relevance, 0), rowOf(expected['gradient:x'], 0), 'the gradient');
    expect(canonise(model).graph.nodes.filter(({ op }) => op === 'Dense')).toHaveLength(12);
  });
});

test('sums share in proportion unless another rule is named, also where requests leave it out by name', () => {
  const left = namedComposite('cp-lrp', { sums: undefined });
  expect(left.entries).toEqual(namedComposite('cp-lrp').entries);
  expect(left.entries.find(({ match }) => match.role === 'sum')?.handling).toBe('proportional');
  const named = namedComposite('cp-lrp', { sums: 'absolute' });
  expect(named.entries.find(({ match }) => match.role === 'sum')?.handling).toMatchObject({
    name: 'absolute',
  });
});

describe('a conservation report', () => {
  const heads = [{ name: 'class', output: 'scores', kind: 'classes' as const }];

  test.each(['tokens first', 'windows', 'images first'])('counts image by image (%s)', async (place) => {
    const b = new GraphBuilder('net');
    const x = b.input({ name: 'x', type: 'float32', shape: ['N', 2, 3] });
    const turn = (value: string) => b.op('Transpose', [value], { perm: [1, 0, 2] });
    const make: Record<string, () => string> = {
      'tokens first': () => turn(b.op('Relu', [turn(x)])),
      windows: () => b.op('Reshape', [b.op('Relu', [b.op('Reshape', [x, b.ints(-1, 3)])]), b.ints(-1, 2, 3)]),
      'images first': () => b.op('Relu', [x]),
    };
    const read = b.op('ReduceMean', [make[place](), b.ints(1)], { keepdims: 0 });
    b.output(b.op('Add', [read, b.scalar(0)]), { name: 'scores', type: 'float32', shape: ['N', 3] });
    const model = { graph: b.build(), info: { heads, provenance: {} } };
    const { graph, sums } = relevance(model, { composite: namedComposite('epsilon'), conservation: true });
    const images = array(random(4), [3, 2, 3], 0.2, 2);
    const results = await runGraph(graph, { x: tensorOf(images), target: int64([3], [0, 1, 2]) });
    for (const image of [0, 1, 2]) {
      const score = Number(results.scores.data[image * 3 + image]);
      const lines = balances(sums, results, image);
      expect(lines.map(({ node }) => node)).toContain('Relu');
      for (const { node, received, absolute, passed, other } of lines) {
        expect(received, node).toBeCloseTo(score, 4);
        expect(absolute, node).toBeCloseTo(score, 4);
        expect(passed, node).toBeCloseTo(score, 4);
        expect(other, node).toBeCloseTo(0, 4);
      }
    }
  });
});

describe('normalisation with a fixed scale', () => {
  const channels = { shape: [4], data: Float64Array.of(0.5, 1.5, -1, 2) };
  const shifts = { shape: [4], data: Float64Array.of(0.1, -0.2, 0.3, 0) };
  const last = (a: NdArray): NdArray => ({ shape: [3], data: a.data.slice(0, 3) });
  test.each([
    ['LayerNormalization', {}, [last(channels), last(shifts)]],
    ['RMSNormalization', {}, [last(channels)]],
    ['InstanceNormalization', {}, [channels, shifts]],
    ['GroupNormalization', { num_groups: 2 }, [channels, shifts]],
    ['LpNormalization', { axis: 1 }, []],
    ['MeanVarianceNormalization', { axes: [2, 3] }, []],
  ] as const)('%s gives back all that its bias leaves', async (op, attributes, constants) => {
    const next = random(9);
    const x = array(next, [2, 4, 2, 3]);
    const relevance = array(next, [2, 4, 2, 3]);
    const [made] = await handled({ op, attributes, inputs: [x], constants, relevance }, ['fixed-scale']);
    const { received, passed, bias, stabiliser, other, absolute } = made.balance;
    expect(Math.abs(other)).toBeLessThan(1e-3 * absolute);
    expect(Math.abs(received - passed - bias - stabiliser)).toBeLessThan(1e-3 * absolute);
    if (constants.length < 2) expect(bias).toBe(0);
    else expect(bias).not.toBe(0);
  });
});
