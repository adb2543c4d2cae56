import { describe, expect, it } from 'vitest';
import {
  type ExplainerOptions,
  explain,
  explainer,
  explanationGraph,
  lastFeatureMaps,
  methodName,
  summary,
} from '../../src/attribution/index.ts';
import { float32, type Graph, int64 } from '../../src/graph/index.ts';
import { namedComposite, relevance, toolbox } from '../../src/relevance/index.ts';
import type { Runtime } from '../../src/runtime/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { referenceModel, referenceNets } from '../reference-data.ts';
import { runGraph } from '../run.ts';
import { error, imageOf, images, smallModel } from './net.ts';

const model = smallModel();
const session = { threads: 1 };

/** A runtime that counts what is held and what is run. */
function counting() {
  const counts = { loaded: 0, released: 0, runs: [] as number[] };
  const runtime: Runtime = {
    async load(graph: Graph, options) {
      counts.loaded++;
      const loaded = await nodeRuntime.load(graph, options);
      return {
        run(inputs, outputs) {
          counts.runs.push(inputs.data.shape[0]);
          return loaded.run(inputs, outputs);
        },
        release() {
          counts.released++;
          return loaded.release();
        },
      };
    },
  };
  return { counts, runtime };
}

const everyMethod: ExplainerOptions[] = [
  { method: 'lrp' },
  { method: 'lrp', composite: 'epsilon-plus-flat' },
  { method: 'lrp', formula: 100, variant: 'faithful' },
  { method: 'gradient' },
  { method: 'gradient-x-input' },
  { method: 'guided-backprop' },
  { method: 'deconvnet' },
  { method: 'smoothgrad', samples: 2 },
  { method: 'integrated-gradients', steps: 3 },
  { method: 'gradient-shap', samples: 3, noise: 0.1 },
  { method: 'deeplift', baseline: 0.2 },
  { method: 'occlusion', window: 4 },
  { method: 'rise', samples: 6, cells: 3 },
  { method: 'kernel-shap', window: 4 },
  { method: 'grad-cam' },
  { method: 'grad-cam++' },
  { method: 'layer-cam', layer: 'pool1' },
  { method: 'score-cam' },
  { method: 'excitation-backprop' },
];

describe.each(everyMethod.map((options) => [Object.values(options).join(' '), options] as const))(
  '%s',
  (_, options) => {
    it('gives an image the same in any batch, also where the graph fixes the size', async () => {
      const input = images(3, 21);
      const target = [{ classes: [2], against: [0] }, 'predicted', 'dog'];
      const whole = await explain(model, nodeRuntime, input, { ...options, session, target });
      const parts = await explain(model, nodeRuntime, input, { ...options, session, target, batch: 2 });
      const fixed = await explain(smallModel({ batch: 2 }), nodeRuntime, input, {
        ...options,
        session,
        target,
      });
      const filled = await explain(model, nodeRuntime, input, {
        ...options,
        session,
        target,
        batch: 2,
        fixed: true,
      });
      for (const other of [parts, fixed, filled]) {
        expect(other.targets).toEqual(whole.targets);
        expect(other.relevance.shape).toEqual([3, 3, 8, 8]);
        expect(other.scores.shape).toEqual([3, 4]);
        expect(error(other.scores.data, whole.scores.data)).toBeLessThan(1e-5);
        expect(error(other.output.data, whole.output.data)).toBeLessThan(1e-5);
        expect(error(other.relevance.data, whole.relevance.data)).toBeLessThan(1e-4);
      }
      expect(whole.relevance.data.some((r) => r !== 0)).toBe(true);
    });

    it('counts up to its total and stops when told', async () => {
      const { counts, runtime } = counting();
      const made = explainer(model, runtime, { ...options, session, batch: 2 });
      const steps: [number, number][] = [];
      await made.explain(images(3, 22), { onProgress: (done, total) => steps.push([done, total]) });
      expect(steps.at(-1)![0]).toBe(steps.at(-1)![1]);
      expect(steps.map(([done]) => done)).toEqual(
        [...new Set(steps.map(([done]) => done))].sort((a, b) => a - b),
      );

      const runs = counts.runs.length;
      const controller = new AbortController();
      const stopped = made.explain(images(3, 22), {
        signal: controller.signal,
        onProgress: () => controller.abort(new Error('enough')),
      });
      await expect(stopped).rejects.toThrow('enough');
      expect(counts.runs.length).toBe(runs + 1);
      await made.release();
      expect(counts.released).toBe(counts.loaded);
    });
  },
);

describe('an explainer', () => {
  it('loads its graph once, another for contrasts, and lets go of both', async () => {
    const { counts, runtime } = counting();
    const made = explainer(model, runtime, { method: 'gradient', session });
    expect(counts.loaded).toBe(0);
    await made.explain(images(1, 1));
    await made.explain(images(4, 2), { target: 1 });
    expect(counts.loaded).toBe(1);
    await made.explain(images(2, 3), { target: { classes: [0], against: [1] } });
    await made.explain(images(2, 3), { target: { classes: [0, 2] } });
    expect(counts).toMatchObject({ loaded: 2, released: 0, runs: [1, 4, 2, 2] });
    await made.release();
    expect(counts.released).toBe(2);
    await made.explain(images(1, 1));
    expect(counts.loaded).toBe(3);
    await made.release();
  });

  it('lets go of its session when explaining fails', async () => {
    const { counts, runtime } = counting();
    const input = images(1, 1);
    input.data[0] = Number.NaN;
    await expect(explain(model, runtime, input, { method: 'gradient' })).rejects.toThrow(
      'NaN among its numbers',
    );
    await expect(explain(model, runtime, images(1, 1), { method: 'gradient', target: 9 })).rejects.toThrow();
    expect(counts.released).toBe(counts.loaded);
  });

  it('runs several at a time where it may, with the same result', async () => {
    const options = { method: 'smoothgrad', samples: 7, batch: 2, session } as const;
    const one = await explain(model, nodeRuntime, images(2, 8), options);
    const three = await explain(model, nodeRuntime, images(2, 8), { ...options, parallel: 3 });
    expect(three.relevance).toEqual(one.relevance);
  });

  it('explains by LRP as the relevance graph does', async () => {
    const input = images(2, 30);
    const composite = toolbox(100, { epsilon: 0.5, variant: 'faithful' });
    const made = relevance(model, { composite, at: ['relu2'], conservation: true });
    const expected = await runGraph(made.graph, { data: input, target: int64([2], [-1, -1]) });
    const result = await explain(model, nodeRuntime, input, {
      method: 'lrp',
      formula: 100,
      epsilon: 0.5,
      variant: 'faithful',
      at: ['relu2'],
      conservation: true,
      session,
    });
    expect(error(result.relevance.data, expected.relevance.data as Float32Array)).toBeLessThan(1e-6);
    expect(error(result.layers.relu2.data, expected['relevance:relu2'].data as Float32Array)).toBeLessThan(
      1e-6,
    );
    expect(result.conservation).toHaveLength(2);
    expect(result.conservation![1][0]).toMatchObject({ node: 'fc', rule: 'epsilon 0.5' });
    const { description } = result;
    expect(summary(description)).toBe(
      'lrp: composite formula 100, variant faithful, epsilon 0.5, from the score',
    );
    expect(description.rules).toContain('conv1…conv2: alpha2-beta1 · fc: epsilon 0.5');
    expect(description.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('takes a composite of the caller', async () => {
    const composite = { ...namedComposite('epsilon'), name: 'mine' };
    const { description } = await explain(model, nodeRuntime, images(1, 1), { method: 'lrp', composite });
    expect(description.parameters).toEqual({ composite: 'mine', start: 'score' });
  });
});

describe('errors', () => {
  const make = (options: object) => () => explainer(model, nodeRuntime, options as ExplainerOptions);

  it.each([
    [{ method: 'magic' }, "method 'magic': there is none of this name; known: lrp, gradient,"],
    [{ method: 'lrp', composite: 'epsilon', formula: 0 }, 'both a composite and a formula code'],
    [
      { method: 'lrp', composite: 'epsilon', variant: 'faithful' },
      "composite 'epsilon': it has no faithful variant",
    ],
    [{ method: 'lrp', composite: 'nice' }, "composite 'nice'"],
    [{ method: 'lrp', head: 'age' }, "head 'age'"],
    [{ method: 'gradient', at: ['conv9'] }, "layer 'conv9': the network has no such layer"],
    [{ method: 'gradient', conservation: true }, "method 'gradient': it does not conserve relevance"],
    [{ method: 'gradient', batch: 0 }, 'batch: expected 1 or more, got 0'],
    [{ method: 'grad-cam', start: 'score' }, "method 'grad-cam': its definition fixes the start"],
    [{ method: 'grad-cam', layer: 'fc' }, "layer 'fc': it has no feature maps of fixed size"],
    [{ method: 'occlusion', at: ['conv1'] }, "method 'occlusion': it is defined at the input only"],
    [{ method: 'occlusion', window: 9 }, 'window: 9×9 does not fit an input of 8×8'],
    [{ method: 'occlusion', window: 2, stride: 3 }, 'stride: 3×3 does not fit a window of 2×2'],
    [{ method: 'occlusion', fill: 'black' }, "baseline 'black': the model's preprocessing is not known"],
    [{ method: 'deeplift', at: ['conv1'] }, "method 'deeplift': it is defined at the input only"],
    [{ method: 'rise', cells: 0 }, 'cells: expected 1 or more, got 0'],
    [{ method: 'rise', keep: 1 }, 'keep: expected a number between 0 and 1, got 1'],
    [{ method: 'rise', of: 'loss' }, "of 'loss': expected score or probability"],
    [{ method: 'score-cam', layer: 'fc' }, "layer 'fc': it has no feature maps of fixed size"],
    [{ method: 'score-cam', layer: 'conv9' }, "layer 'conv9': the network has no such layer"],
    [{ method: 'kernel-shap', window: 9 }, 'window: 9×9 does not fit an input of 8×8'],
    [
      { method: 'gradient-shap', baseline: float32([2, 3, 8, 7], new Float32Array(336)) },
      "baseline: its shape is [2,3,8,7], the input's [3,8,8]",
    ],
    [{ method: 'smoothgrad', samples: 0 }, 'samples: expected 1 or more, got 0'],
    [{ method: 'smoothgrad', noise: -1 }, 'noise: expected 0 or more, got -1'],
    [{ method: 'smoothgrad', seed: 0.5 }, 'seed: expected a whole number from 0 on, got 0.5'],
    [{ method: 'integrated-gradients', steps: 1.5 }, 'steps: expected 1 or more, got 1.5'],
    [{ method: 'integrated-gradients', baseline: 'green' }, "baseline 'green': there is none of this name"],
    [
      { method: 'integrated-gradients', baseline: float32([2], [0, 0]) },
      "baseline: its shape is [2], the input's [3,8,8]",
    ],
  ])('%j', (options, message) => expect(make(options)).toThrow(message));

  it.each([
    [
      float32([1, 3, 8, 7], new Float32Array(168)),
      'input: its shape is [1,3,8,7], the network takes [N,3,8,8]',
    ],
    [float32([3, 8, 8], new Float32Array(192)), 'input: its shape is [3,8,8]'],
    [float32([0, 3, 8, 8], []), 'input: its shape is [0,3,8,8]'],
    [int64([1], [0]), 'input: expected a float32 tensor, got int64'],
  ])('input $shape', async (input, message) => {
    await expect(explain(model, nodeRuntime, input, { method: 'gradient' })).rejects.toThrow(message);
  });

  it('say which image has relevance that is not finite', async () => {
    const input = images(2, 1);
    imageOf(input, 1).fill(3e38);
    await expect(explain(model, nodeRuntime, input, { method: 'gradient-x-input' })).rejects.toThrow(
      /image 1: (NaN|-?Infinity) among its numbers/,
    );
  });

  it('reads the names of methods', () => {
    expect(methodName('grad-cam')).toBe('grad-cam');
    expect(() => methodName('gradcam')).toThrow("method 'gradcam'");
  });
});

describe('reference networks', () => {
  const layers: Record<string, string> = {
    tiny_adience: 'relu3',
    tiny_googlenet: 'inception_3b/output',
    googlenet_cat: 'inception_5b/output',
    squeezenet_cat: 'relu_conv10',
  };
  it.each(referenceNets().filter(({ name }) => name in layers))(
    'Grad-CAM finds the last maps of $name',
    (net) => {
      const made = referenceModel(net);
      expect(lastFeatureMaps(made, made.info.heads[0].output)).toBe(layers[net.name]);
    },
  );

  it('have one-file explanations by every single-pass method', async () => {
    const net = referenceNets().find(({ name }) => name === 'tiny_googlenet')!;
    const made = referenceModel(net);
    const [channels, height, width] = made.graph.inputs[0].shape.slice(1).map(Number);
    const data = float32([1, channels, height, width], new Float32Array(channels * height * width).fill(30));
    for (const method of [
      'gradient',
      'gradient-x-input',
      'guided-backprop',
      'deeplift',
      'layer-cam',
    ] as const) {
      const { graph } = explanationGraph(made, { method });
      const out = await runGraph(graph, { data, target: int64([1], [-1]) });
      expect(out.relevance.shape, method).toEqual(data.shape);
    }
  });
});
