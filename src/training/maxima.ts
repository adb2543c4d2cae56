import type { Graph, Node } from '../graph/index.ts';
import { type Inference, operatorOf, Site } from '../operators/index.ts';

/**
 * The same graph with rectifiers behind those maxima over windows that alone take what they make: the largest max(x, 0) is
 * max(largest x, 0), and there are fewer of these, forward as backward. Gradients stay the same to the last bit: where a
 * window's largest value is 0 or less, nothing comes back, and else the same cell is the first of the largest. Values in
 * `kept` stay as they are; of what a rectifier makes for a maximum only the name is left.
 */
export function maximaFirst(graph: Graph, known: Inference, kept: ReadonlySet<string>): Graph {
  const consumers = new Map<string, Node[]>();
  for (const node of graph.nodes)
    for (const input of node.inputs) consumers.set(input, [...(consumers.get(input) ?? []), node]);

  const behind = new Map<Node, Node>();
  for (const node of graph.nodes) {
    const [output] = node.outputs;
    const [maximum, ...others] = consumers.get(output) ?? [];
    if (!operatorOf(node).rectifies || kept.has(output) || !maximum || others.length > 0) continue;
    const { roundsWindows, role } = operatorOf(maximum);
    if (roundsWindows && role(new Site(maximum, known)).kind === 'max') behind.set(maximum, node);
  }
  const moved = new Set(behind.values());
  const nodes = graph.nodes.flatMap((node): Node[] => {
    if (moved.has(node)) return [];
    const rectifier = behind.get(node);
    if (!rectifier) return [node];
    const between = rectifier.outputs;
    return [
      { ...node, inputs: rectifier.inputs, outputs: between },
      { ...rectifier, inputs: between, outputs: node.outputs },
    ];
  });
  return { ...graph, nodes };
}
