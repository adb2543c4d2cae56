import { describe, expect, it } from 'vitest';
import {
  type ExplainerOptions,
  type ExplainerRequest,
  explain,
  explanationGraph,
} from '../../src/attribution/index.ts';
import { float32, int64 } from '../../src/graph/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { enlarged } from '../reference/attribution/bilinear.ts';
import { gradCam, gradCamPlusPlus, layerCam, scoreCam } from '../reference/attribution/cams.ts';
import { runGraph } from '../run.ts';
import {
  constant,
  error,
  featureMaps,
  imageOf,
  images,
  scoresFrom,
  scoresOf,
  slopes,
  smallModel,
  softmax,
} from './net.ts';

const model = smallModel();
const input = images(2, 5);
const run = (options: ExplainerOptions & ExplainerRequest) =>
  explain(model, nodeRuntime, input, { session: { threads: 1 }, ...options });

/** The map of relu2, 4×4, at the input's size, a third for each channel. */
function atInput(map: Float64Array): Float64Array {
  const plane = enlarged(map, [4, 4], [8, 8]);
  return Float64Array.from({ length: 192 }, (_, i) => plane[i % 64] / 3);
}

describe('by gradients, the positive part of the weighted feature maps', () => {
  const literal = {
    'grad-cam': gradCam,
    'grad-cam++': gradCamPlusPlus,
    'layer-cam': layerCam,
  } as const;

  it.each(Object.keys(literal) as (keyof typeof literal)[])('%s', async (method) => {
    const { relevance, description } = await run({ method, target: 1 });
    expect(description.parameters).toEqual({ layer: 'relu2' });
    let positive = 0;
    for (const image of [0, 1]) {
      const maps = featureMaps(imageOf(input, image));
      const slope = slopes((data) => scoresFrom(data)[1], maps);
      const expected = literal[method]({ maps, slopes: slope, cells: 16 }, scoresFrom(maps)[1]);
      positive += expected.reduce((a, b) => a + b);
      expect(error(imageOf(relevance, image), atInput(expected))).toBeLessThan(1e-4);
    }
    expect(positive).toBeGreaterThan(0.01);
  });

  it.each(Object.keys(literal) as (keyof typeof literal)[])('%s as one graph', async (method) => {
    const { graph } = explanationGraph(model, { method });
    const out = await runGraph(graph, { data: input, target: int64([2], [1, -1]) });
    const { relevance } = await run({ method, target: [1, 'predicted'] });
    expect(error(out.relevance.data as Float32Array, relevance.data)).toBeLessThan(1e-6);
  });

  it('at a lower layer', async () => {
    const { relevance, description } = await run({ method: 'layer-cam', layer: 'pool1', target: 1 });
    expect(description.parameters).toEqual({ layer: 'pool1' });
    expect(Math.min(...relevance.data)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...relevance.data)).toBeGreaterThan(0);
  });

  it('grad-cam++ stays finite where slopes are so small that their cubes vanish', async () => {
    const weak = smallModel();
    const fc = weak.graph.constants.get('fc.weight')!;
    const constants = new Map(weak.graph.constants);
    constants.set(
      'fc.weight',
      float32(
        fc.shape,
        (fc.data as Float32Array).map((w) => w * 1e-20),
      ),
    );
    const scaled = { ...weak, graph: { ...weak.graph, constants } };
    const { relevance } = await explain(scaled, nodeRuntime, input, { method: 'grad-cam++', target: 1 });
    const { relevance: usual } = await run({ method: 'layer-cam', target: 1 });
    expect(Math.max(...relevance.data)).toBeGreaterThan(0);
    expect(Math.max(...relevance.data)).toBeLessThan(1e-18 * Math.max(...usual.data) * 16);
  });
});

describe('score-cam', () => {
  it.each([
    { of: 'score', fill: 'zero' },
    { of: 'probability', fill: 0.25 },
  ] as const)('weighs maps by the rise of the $of', async ({ of, fill }) => {
    const target = { classes: [3], against: [0] };
    const { relevance, description } = await run({ method: 'score-cam', of, fill, target, batch: 3 });
    expect(description.parameters).toEqual({ layer: 'relu2', fill, of });
    const f = (x: ArrayLike<number>) => {
      const values = of === 'score' ? scoresOf(x) : softmax(scoresOf(x));
      return values[3] - values[0];
    };
    const away = constant(fill === 'zero' ? 0 : fill).data;
    for (const image of [0, 1]) {
      const x = imageOf(input, image);
      const maps = featureMaps(x);
      const enlarge = (map: Float64Array) => enlarged(map, [4, 4], [8, 8]);
      const expected = scoreCam({ maps, cells: 16 }, x, away, enlarge, f);
      expect(expected.reduce((a, b) => a + b)).toBeGreaterThan(0.01);
      expect(error(imageOf(relevance, image), atInput(expected))).toBeLessThan(1e-4);
    }
  });
});
