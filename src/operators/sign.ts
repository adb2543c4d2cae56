import { countOf, type Graph } from '../graph/index.ts';
import { type Inference, Site } from './site.ts';
import { operatorOf } from './table.ts';

/** The values of a graph that are never negative, whatever the input: after ReLU, pooling of it, and the like. */
export function nonNegativeValues(graph: Graph, known: Inference): Set<string> {
  const found = new Set<string>();
  for (const [name, constant] of graph.constants) {
    if (countOf(constant) <= 4096 && constant.data.every((x: number | bigint) => x >= 0)) found.add(name);
  }
  for (const node of graph.nodes) {
    const operator = operatorOf(node);
    if (operator.nonNegative?.(new Site(node, known), (value) => found.has(value))) {
      for (const output of node.outputs) found.add(output);
    }
  }
  return found;
}
