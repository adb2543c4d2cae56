import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { channelGraph, channelOutputs, conditionalGraph } from '../../src/concepts/index.ts';
import { float32, int64, type Tensor } from '../../src/graph/index.ts';
import { infer } from '../../src/operators/index.ts';
import { axisOfChannels, namedComposite, relevance } from '../../src/relevance/index.ts';
import { noise, tinyInception } from '../nets.ts';
import { array, random } from '../operators/random.ts';
import type { NdArray } from '../reference/array.ts';
import { channelSums, conditionalRelevance, mapsOf } from '../reference/concepts.ts';
import * as literal from '../reference/relevance/rules.ts';
import { expectClose } from '../relevance/close.ts';
import { runGraph } from '../run.ts';
import { sizesUpTo, visionTransformer } from '../transformer.ts';
import { chainOf, modelOf } from './net.ts';

const nd = ({ shape, data }: Tensor): NdArray => ({ shape, data: Float64Array.from(data, Number) });
const tensor = ({ shape, data }: NdArray) => float32(shape, Float32Array.from(data));

/** One image for each row of masks: the same image again and again. */
const repeated = (x: NdArray, times: number) =>
  float32(
    [times, ...x.shape.slice(1)],
    Float32Array.from({ length: times * x.data.length }, (_, i) => x.data[i % x.data.length]),
  );

const rulesOf = {
  epsilon: { convolution: literal.epsilon(1e-6), dense: literal.epsilon(1e-6) },
  'epsilon-plus': { convolution: literal.alphaBeta(1, 0), dense: literal.epsilon(1e-6) },
  'epsilon-alpha2-beta1': { convolution: literal.alphaBeta(2, 1), dense: literal.epsilon(1e-6) },
  gamma: { convolution: literal.gamma(0.25), dense: literal.gamma(0.25) },
};

describe('conditional relevance', () => {
  it('is what its literal definition says, for several conditions in one run', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer(),
        fc.constantFrom(...(Object.keys(rulesOf) as (keyof typeof rulesOf)[])),
        fc.integer({ min: 3, max: 5 }),
        fc.tuple(
          fc.integer({ min: 1, max: 2 }),
          fc.integer({ min: 1, max: 3 }),
          fc.integer({ min: 1, max: 3 }),
        ),
        async (seed, name, side, channels) => {
          const chain = chainOf(seed, channels, side);
          const x = array(random(seed + 1), [1, channels[0], side, side]);
          const { graph } = relevance(modelOf(chain, side), {
            composite: namedComposite(name),
            conditions: ['relu2', 'relu1'],
          });
          // Every pair of an upper and a lower channel is an image of the batch.
          const pairs = Array.from({ length: channels[2] * channels[1] }, (_, i) => [
            Math.floor(i / channels[1]),
            i % channels[1],
          ]);
          const hot = (count: number, of: (pair: number[]) => number) =>
            float32(
              [pairs.length, count],
              Float32Array.from(
                pairs.flatMap((pair) => Array.from({ length: count }, (_, c) => Number(c === of(pair)))),
              ),
            );
          const found = await runGraph(graph, {
            x: repeated(x, pairs.length),
            target: int64(
              [pairs.length],
              pairs.map(() => 1),
            ),
            'mask:relu2': hot(channels[2], ([upper]) => upper),
            'mask:relu1': hot(channels[1], ([, lower]) => lower),
          });
          for (const [i, [upper, lower]] of pairs.entries()) {
            const only = (count: number, chosen: number) =>
              Array.from({ length: count }, (_, c) => Number(c === chosen));
            const expected = conditionalRelevance(chain, x, 1, rulesOf[name], {
              2: only(channels[2], upper),
              1: only(channels[1], lower),
            });
            const part = (value: Tensor): NdArray => {
              const { shape, data } = nd(value);
              const each = data.length / shape[0];
              return { shape: [1, ...shape.slice(1)], data: data.subarray(i * each, (i + 1) * each) };
            };
            expectClose(part(found.relevance), expected[0], 'relevance at the input', 1e-3);
            expectClose(part(found['relevance:relu1']), expected[1], 'what arrived at the lower layer', 1e-3);
            expectClose(part(found['relevance:relu2']), expected[2], 'what arrived at the upper layer', 1e-3);
          }
        },
      ),
      { numRuns: 12 },
    );
  });

  it('of all channels of a layer adds up to the whole, where all ways lead through the layer', async () => {
    const model = {
      graph: tinyInception(),
      info: { heads: [{ name: 'prob', output: 'prob', kind: 'classes' as const }], provenance: {} },
    };
    const x = noise([1, 3, 17, 17], 5);
    for (const [composite, layer, channels] of [
      ['epsilon-plus-flat', 'block', 12],
      ['epsilon-alpha2-beta1', 'norm1', 8],
      ['gamma', 'pool1', 8],
      ['epsilon', 'conv1', 8],
    ] as const) {
      const options = { composite: namedComposite(composite) };
      const whole = await runGraph(relevance(model, options).graph, { data: x, target: int64([1], [2]) });
      const { graph } = relevance(model, { ...options, conditions: [layer] });
      const eye = Float32Array.from({ length: channels ** 2 }, (_, i) => Number(i % (channels + 1) === 0));
      const parts = await runGraph(graph, {
        data: repeated(nd(x), channels),
        target: int64(
          [channels],
          Array.from({ length: channels }, () => 2),
        ),
        [`mask:${layer}`]: float32([channels, channels], eye),
      });
      const each = x.data.length;
      const sum = Float64Array.from({ length: each }, (_, i) =>
        Array.from({ length: channels }, (__, c) => Number(parts.relevance.data[c * each + i])).reduce(
          (a, b) => a + b,
        ),
      );
      expectClose({ shape: x.shape, data: sum }, nd(whole.relevance), `${composite} through ${layer}`, 1e-3);
    }
  });

  it('lacks what passes a layer by, and says so of layers that nothing reaches', async () => {
    const model = {
      graph: tinyInception(),
      info: { heads: [{ name: 'prob', output: 'prob', kind: 'classes' as const }], provenance: {} },
    };
    const composite = namedComposite('epsilon-plus');
    const x = noise([1, 3, 17, 17], 5);
    const through = async (layer: string, channels: number) => {
      const { graph } = relevance(model, { composite, conditions: [layer], start: 'one' });
      const { relevance: found } = await runGraph(graph, {
        data: x,
        target: int64([1], [0]),
        [`mask:${layer}`]: float32([1, channels], new Float32Array(channels).fill(1)),
      });
      return nd(found).data;
    };
    const branches = [
      await through('block/1x1/relu', 4),
      await through('block/3x3/relu', 6),
      await through('block/pool_proj/relu', 2),
    ];
    const whole = await through('block', 12);
    expectClose(
      { shape: x.shape, data: whole.map((_, i) => branches.reduce((sum, branch) => sum + branch[i], 0)) },
      { shape: x.shape, data: whole },
      'the sum of the branches',
      1e-3,
    );
    expect(() => relevance(model, { composite, conditions: ['block/1x1/relu', 'block/3x3/relu'] })).toThrow(
      "layer 'block/3x3/relu': no relevance reaches it from output 'prob' through the conditions before it",
    );
    expect(() => relevance(model, { composite, conditions: ['fc', 'nowhere'] })).toThrow("layer 'nowhere'");
  });

  it('holds of the heads and of the tokens of a transformer, too', async () => {
    const sizes = fc.sample(sizesUpTo({ hidden: 6, blocks: 2, classes: 4 }), { seed: 5, numRuns: 3 });
    for (const each of sizes) {
      const model = visionTransformer(each);
      const shape = [1, each.channels, each.grid[0] * each.patch, each.grid[1] * each.patch];
      const x = array(random(each.seed), shape);
      const composite = namedComposite('attnlrp');
      const known = infer(model.graph);
      const heads = model.graph.nodes.find(({ name }) => name === 'attention0')!;
      for (const node of [heads, model.graph.nodes.findLast(({ op }) => op === 'Add')!]) {
        const own = known.shapes.get(node.outputs[0])!;
        const channels = Number(own[axisOfChannels(node.name, own, 'N')]);
        const { graph } = relevance(model, { composite, conditions: [node.name] });
        const run = (masks: Float32Array) => {
          const count = masks.length / channels;
          return runGraph(graph, {
            x: repeated(x, count),
            target: int64([count], new Array<number>(count).fill(1)),
            [`mask:${node.name}`]: float32([count, channels], masks),
          });
        };
        const eye = Float32Array.from({ length: channels ** 2 }, (_, i) => Number(i % (channels + 1) === 0));
        const parts = (await run(eye)).relevance;
        const whole = nd((await run(new Float32Array(channels).fill(1))).relevance);
        const sum = whole.data.map((_, i) => {
          let total = 0;
          for (let c = 0; c < channels; c++) total += Number(parts.data[c * whole.data.length + i]);
          return total;
        });
        expectClose({ shape: whole.shape, data: sum }, whole, node.name, 1e-3);
      }
    }
  });
});

describe('a channel graph', () => {
  it('says of each channel what its map holds, and conditions what the layer below had', async () => {
    const chain = chainOf(4, [2, 3, 4], 5);
    const model = modelOf(chain, 5);
    const x = array(random(9), [2, 2, 5, 5]);
    const method = { method: 'lrp', composite: 'epsilon-plus' } as const;
    const { graph, layers } = channelGraph(model, ['relu2', 'relu1'], { method });
    expect(layers.map(({ name, channels, grid }) => [name, channels, grid])).toEqual([
      ['relu2', 4, [5, 5]],
      ['relu1', 3, [5, 5]],
    ]);
    const target = int64([2], [1, 1]);
    const found = await runGraph(graph, { x: tensor(x), target });
    const expected = conditionalRelevance(chain, x, 1, rulesOf['epsilon-plus'], {});
    const maps = mapsOf(chain, x);
    for (const [i, layer] of ['relu1', 'relu2'].entries()) {
      const names = channelOutputs(layer);
      expectClose(nd(found[names.relevance]), channelSums(expected[i + 1]), `relevance of ${layer}`, 1e-3);
      const [relevances, activations] = [expected[i + 1], maps[i + 1]];
      const peaks = (all: NdArray) => {
        const cells = 25;
        return Array.from({ length: all.data.length / cells }, (_, c) => {
          const own = Array.from(all.data.subarray(c * cells, (c + 1) * cells));
          return { value: Math.max(...own), place: own.indexOf(Math.max(...own)) };
        });
      };
      expect(Array.from(found[names.relevancePeak].data, Number)).toEqual(
        peaks(relevances).map(({ place }) => place),
      );
      expect(Array.from(found[names.activationPeak].data, Number)).toEqual(
        peaks(activations).map(({ place }) => place),
      );
      peaks(activations).forEach(({ value }, c) => {
        expect(Number(found[names.activation].data[c])).toBeCloseTo(value, 4);
      });
    }
    const upper = await runGraph(conditionalGraph(model, 'relu2', ['relu1'], { method }).graph, {
      x: tensor(x),
      target,
      'mask:relu2': float32([2, 4], Float32Array.of(0, 1, 0, 0, 0, 1, 0, 0)),
    });
    const only = conditionalRelevance(chain, x, 1, rulesOf['epsilon-plus'], { 2: [0, 1, 0, 0] });
    expectClose(
      nd(upper[channelOutputs('relu1').relevance]),
      channelSums(only[1]),
      'what feeds channel 1',
      1e-3,
    );
    expectClose(nd(upper.relevance), only[0], 'its map', 1e-3);
  });
});
