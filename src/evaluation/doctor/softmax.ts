import type { Graph, Node } from '../../graph/index.ts';
import { linkOf } from '../../relevance/scores.ts';

/**
 * The softmax that an output's softmax stands on, where there are two: the outer one flattens the probabilities, which
 * then never get above e / (e + classes − 1).
 */
export function softmaxTwice(graph: Graph, output: string): { outer: Node; inner: Node } | undefined {
  const outer = linkOf(graph, output);
  if (outer?.op !== 'Softmax') return undefined;
  const inner = linkOf(graph, outer.inputs[0]);
  return inner?.op === 'Softmax' ? { outer, inner } : undefined;
}

/** The graph without one of its nodes: what it makes is what it takes. */
export function without(graph: Graph, { name }: Node): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map((node) =>
      node.name === name ? { ...node, op: 'Identity', inputs: [node.inputs[0]], attributes: {} } : node,
    ),
  };
}
