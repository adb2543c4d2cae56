import { GraphBuilder, type Model } from '../../graph/index.ts';
import type { RelevanceGraph } from '../../relevance/index.ts';
import { behind, layerValue } from '../outputs.ts';

/**
 * Multiplies every slope that a graph puts out, at the input and at layers, by the value that it belongs to; at the
 * input, where the graph has a reference, by how far it is from that.
 */
export function timesInput(made: RelevanceGraph, model: Model): RelevanceGraph {
  const { graph } = made;
  const b = new GraphBuilder(graph);
  const input = graph.inputs[0].name;
  const reference = `reference:${input}`;
  const hasReference = graph.outputs.some(({ name }) => name === reference);
  for (const { name } of graph.outputs) {
    if (name !== 'relevance' && !name.startsWith('relevance:')) continue;
    const layer = name.slice('relevance:'.length);
    const value = name === 'relevance' ? input : layerValue(layer, graph, model.graph);
    const slope = behind(b, name);
    const way = hasReference && value === input ? b.op('Sub', [value, reference]) : value;
    b.replace(name, () => b.op('Mul', [way, slope]));
  }
  for (const output of graph.outputs) if (output.name !== reference) b.output(output.name, output);
  return { ...made, graph: b.build() };
}
