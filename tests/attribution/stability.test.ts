import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExplainerOptions, explain, explanationGraph } from '../../src/attribution/index.ts';
import { float32, int64, type Model, type Tensor } from '../../src/graph/index.ts';
import { compileExplanation, defaultComposite, namedComposite } from '../../src/relevance/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { runGraph } from '../run.ts';
import { families } from './families.ts';
import { error } from './net.ts';

/** What nothing but the photo, the network and the method may change by more, as a share of the largest value. */
const tolerance = 1e-3;

const side = 3 * 12 * 12;
const photos = (seed: number, net: keyof typeof families): { model: Model; input: Tensor<'float32'> } => {
  const model = families[net](seed);
  const data = Float32Array.from({ length: 4 * side }, (_, i) => Math.sin(seed + i * 12.9898) * 1.7);
  return { model, input: float32([4, 3, 12, 12], data) };
};

/** The relevance of four photos under one way to run. */
async function relevanceOf(
  model: Model,
  input: Tensor<'float32'>,
  how: ExplainerOptions,
): Promise<Float32Array> {
  return (await explain(model, nodeRuntime, input, { ...how, target: [0, 1, 2, 3] })).relevance.data;
}

/** Each photo by its own largest value. */
function worst(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const photo = (x: ArrayLike<number>, i: number) => Array.from(x).slice(i * side, (i + 1) * side);
  const isZero = (x: readonly number[]) => x.every((value) => value === 0);
  return Math.max(
    ...[0, 1, 2, 3].map((i) =>
      isZero(photo(a, i)) && isZero(photo(b, i)) ? 0 : error(photo(a, i), photo(b, i)),
    ),
  );
}

const methods: readonly [string, (model: Model) => ExplainerOptions][] = [
  ['the default', () => ({ method: 'lrp' })],
  ['deeplift', () => ({ method: 'deeplift' })],
  ['layer-cam', () => ({ method: 'layer-cam' })],
];

describe.each(Object.keys(families) as (keyof typeof families)[])(
  'explanations of a small %s network',
  (net) => {
    it.each(methods)('by %s depend on nothing but photo, network and method', async (_, of) => {
      await fc.assert(
        fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
          const { model, input } = photos(seed, net);
          const how = of(model);
          const usual = await relevanceOf(model, input, { ...how, batch: 4, session: { threads: 1 } });
          expect(usual.every(Number.isFinite)).toBe(true);
          for (const other of [
            { batch: 1, session: { threads: 1 } },
            { batch: 1, session: { threads: 1, optimise: 'quick' } },
            { batch: 4, session: { threads: 2 } },
            { batch: 3, fixed: true, session: { threads: 1, optimise: 'quick' } },
          ] as const) {
            const made = await relevanceOf(model, input, { ...how, ...other });
            expect(worst(made, usual), JSON.stringify(other)).toBeLessThan(tolerance);
          }
        }),
        { numRuns: 2 },
      );
    });

    it('by the default are what the compiled file computes', async () => {
      const { model, input } = photos(5, net);
      const usual = await relevanceOf(model, input, {
        method: 'lrp',
        batch: 1,
        session: { threads: 1, optimise: 'quick' },
      });
      const composite = namedComposite(defaultComposite(model), {}, model.info.layers);
      const { graph } = await compileExplanation(model, { composite });
      const out = await runGraph(graph, { data: input, target: int64([4], [0, 1, 2, 3]) });
      expect(worst(out.relevance.data as Float32Array, usual)).toBeLessThan(tolerance);
      const single = await runGraph(explanationGraph(model, { method: 'lrp' }).graph, {
        data: input,
        target: int64([4], [0, 1, 2, 3]),
      });
      expect(worst(single.relevance.data as Float32Array, usual)).toBeLessThan(tolerance);
    });

    it('stay within a sane multiple of what they start with, layer by layer', async () => {
      for (const composite of [
        'epsilon-plus',
        'epsilon-plus-flat',
        'epsilon-gamma-box',
        'gamma',
        'z-plus',
      ] as const) {
        const { model, input } = photos(8, net);
        const preprocessing = { channels: 'rgb', mean: [127.5, 127.5, 127.5], scale: 1 / 75 } as const;
        const known = { ...model, info: { ...model.info, preprocessing } };
        const how = { method: 'lrp', composite, conservation: true, session: { threads: 1 } } as const;
        const { conservation } = await explain(known, nodeRuntime, input, { ...how, target: [0, 1, 2, 3] });
        for (const report of conservation!) {
          // A score near zero is the difference of what the dense layer hands out.
          const start = report.find(({ node }) => node.startsWith('Flatten'))!.absolute;
          for (const { node, absolute } of report)
            expect(absolute, `${composite} ${node}`).toBeLessThan(20 * start);
        }
      }
    });
  },
);
