import { type Graph, GraphBuilder } from '../graph/index.ts';
import { infer } from './infer.ts';
import { type Inference, Site } from './site.ts';
import { operatorOf } from './table.ts';

/**
 * The same graph with every operation that has a faster equivalent (LRN) replaced by it. Names of nodes and values
 * stay. For running, not for saving: the original operators say more.
 */
export function lower(graph: Graph): Graph {
  const b = new GraphBuilder(graph);
  lowerInto(b, graph, infer(graph));
  for (const output of graph.outputs) b.output(output.name, output);
  return b.build();
}

/** {@link lower} within a builder that was started from `graph`. */
export function lowerInto(b: GraphBuilder, graph: Graph, known: Inference): void {
  for (const node of graph.nodes) {
    const faster = operatorOf(node).lower?.(b.scope(node.name), new Site(node, known));
    if (faster !== undefined) b.replace(node.outputs[0], () => faster);
  }
}
