import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { GraphBuilder, type Model, type Tensor } from '../../src/graph/index.ts';
import { infer, lowerInto } from '../../src/operators/index.ts';
import { propagate } from '../../src/relevance/index.ts';
import {
  type ReferenceCase,
  type ReferenceNet,
  readArray,
  referenceModel,
  referenceNets,
  relativeError,
} from '../reference-data.ts';
import { runGraph } from '../run.ts';
import { compositeOf, targetOf } from './cases.ts';

type Layer = ReferenceNet['manifest']['layers'][number];

/** The relevance that the original passed to a layer's bottoms, as its build wrote it after every layer. */
function storedRelevance(net: ReferenceNet, c: ReferenceCase): Map<string, Tensor<'float32'>> {
  const folder = `${net.dir}relevance/${c.case}.layers/`;
  return new Map(readdirSync(folder).map((file) => [file, readArray(folder + file)]));
}

const fileOf = ({ index, name }: Layer, bottom: number): string =>
  `${String(index).padStart(3, '0')}_${name.replaceAll('/', '_')}${bottom > 0 ? `.bottom${bottom}` : ''}.npy`;

/** Where a layer stands in our graph: its first node, which takes its bottoms, and the value that it makes. */
function placeOf({ graph }: Model, { name }: Layer) {
  const nodes = graph.nodes.filter((node) => node.name === name || node.name.startsWith(`${name}:`));
  return { first: nodes[0], value: nodes.find((node) => node.name === name)!.outputs[0] };
}

for (const net of referenceNets()) {
  const cases = net.manifest.cases.filter((c) => existsSync(`${net.dir}relevance/${c.case}.layers`));
  if (cases.length === 0) continue;
  const { layers } = net.manifest;
  const model = referenceModel(net);
  const { graph, info } = model;
  const known = infer(graph);
  const data = graph.inputs[0].name;
  const input = readArray(`${net.dir}input.npy`);

  describe.each(cases)(`${net.name}, $case, layer by layer`, (c) => {
    const stored = storedRelevance(net, c);
    const initial = readArray(`${net.dir}relevance/${c.case}.initial.npy`);
    const walked = layers.filter((layer) => stored.has(fileOf(layer, 0)));
    const scores = placeOf(model, walked.at(-1)!).value;

    test('all layers below the scores are stored', () => {
      expect(walked.map((layer) => layer.index)).toEqual(walked.map((_, i) => i));
    });

    test('from the scores down: what every layer passes to its bottoms', async () => {
      const b = new GraphBuilder(graph);
      lowerInto(b, graph, known);
      const seed = b.input({ name: 'seed', type: 'float32', shape: known.shapes.get(scores)! });
      const { values, edges } = propagate(b, {
        graph,
        known,
        seeds: new Map([[scores, seed]]),
        wanted: [data],
        composite: compositeOf(c),
        layers: info.layers,
      });
      const declared = new Map<string, Tensor<'float32'>>();
      for (const layer of walked) {
        layer.bottoms.forEach((bottom, i) => {
          const name = fileOf(layer, i);
          const passed =
            layer.type === 'Split' ? values.get(bottom) : edges.get(placeOf(model, layer).first.name)?.[i];
          b.output(passed!, { name, type: 'float32', shape: [] });
          declared.set(name, stored.get(name)!);
        });
      }
      expect(declared.size).toBe(stored.size);
      const results = await runGraph(b.build(), { [data]: input, seed: initial });
      for (const [name, expected] of declared)
        expect(relativeError(results[name], expected), name).toBeLessThan(1e-5);
    });

    test("each layer by itself, from the original's relevance above it", async () => {
      const b = new GraphBuilder(graph);
      lowerInto(b, graph, known);
      const feeds: Record<string, Tensor> = { [data]: input };
      const expected = new Map<string, Tensor<'float32'>>();
      for (const layer of walked) {
        if (layer.type === 'Split') continue;
        const { first, value } = placeOf(model, layer);
        const above = relevanceAbove(layer);
        const seed = b.input({
          name: `above:${layer.name}`,
          type: 'float32',
          shape: known.shapes.get(value)!,
        });
        feeds[seed] = { ...above, shape: shapeOf(value, above) };
        const { edges } = propagate(b, {
          graph,
          known,
          seeds: new Map([[value, seed]]),
          wanted: first.inputs.filter((name) => !graph.constants.has(name)),
          composite: compositeOf(c),
          layers: info.layers,
        });
        layer.bottoms.forEach((_, i) => {
          const name = fileOf(layer, i);
          b.output(edges.get(first.name)![i]!, { name, type: 'float32', shape: [] });
          expected.set(name, stored.get(name)!);
        });
      }
      const results = await runGraph(b.build(), feeds);
      for (const [name, reference] of expected)
        expect(relativeError(results[name], reference), name).toBeLessThan(1e-5);
    });

    /** The relevance at a layer's top: what the layer that takes it was left with. */
    function relevanceAbove(layer: Layer): Tensor<'float32'> {
      if (layer === walked.at(-1)) return initial;
      const [top] = layer.tops;
      const next = walked.find(({ index, bottoms }) => index > layer.index && bottoms.includes(top))!;
      return stored.get(fileOf(next, next.bottoms.indexOf(top)))!;
    }

    const shapeOf = (value: string, { data }: Tensor): number[] => {
      const [, ...rest] = known.shapes.get(value)!.map(Number);
      return [data.length / rest.reduce((p, n) => p * n, 1), ...rest];
    };

    test('the starting relevance is the score of the class', async () => {
      const { [scores]: made } = await runGraph(
        { ...graph, outputs: [{ name: scores, type: 'float32', shape: [] }] },
        { [data]: input },
      );
      const classes = made.shape[1];
      const chosen = targetOf(c).data;
      const start = (made.data as Float32Array).map((score, i) =>
        i % classes === Number(chosen[Math.floor(i / classes)]) ? score : 0,
      );
      expect(relativeError({ ...made, data: start }, initial)).toBeLessThan(1e-5);
    });
  });
}
