import type { Graph, Node } from '../../graph/index.ts';
import { linkOf } from '../../relevance/scores.ts';

/**
 * The softmax that an output's softmax stands on, where there are two: the outer one flattens the probabilities, which
 * then never get above e / (e + classes − 1).
 */
export function softmaxTwice(graph: Graph, output: string): { outer: Node; inner: Node } | undefined {
  const outer = linkOf(graph, output);
  if (outer?.kind !== 'softmax') return undefined;
  const inner = linkOf(graph, outer.node.inputs[0]);
  return inner?.kind === 'softmax' ? { outer: outer.node, inner: inner.node } : undefined;
}

/** The graph without one of its nodes: what it makes is what it takes. */
export function withoutNode(graph: Graph, { name }: Node): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map((node) =>
      node.name === name ? { ...node, op: 'Identity', inputs: [node.inputs[0]], attributes: {} } : node,
    ),
  };
}
