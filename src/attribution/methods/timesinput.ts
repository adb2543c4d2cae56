import { GraphBuilder, type Model } from '../../graph/index.ts';
import type { RelevanceGraph } from '../../relevance/index.ts';
import { behind, layerValue } from '../outputs.ts';

/** Multiplies every gradient that a graph puts out, at the input and at layers, by the value that it belongs to. */
export function timesInput(made: RelevanceGraph, model: Model): RelevanceGraph {
  const { graph } = made;
  const b = new GraphBuilder(graph);
  for (const { name } of graph.outputs) {
    if (name !== 'relevance' && !name.startsWith('relevance:')) continue;
    const layer = name.slice('relevance:'.length);
    const value = name === 'relevance' ? graph.inputs[0].name : layerValue(layer, graph, model.graph);
    const gradient = behind(b, name);
    b.replace(name, () => b.op('Mul', [value, gradient]));
  }
  for (const output of graph.outputs) b.output(output.name, output);
  return { ...made, graph: b.build() };
}
