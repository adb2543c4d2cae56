import { fail } from '../common/error.ts';
import type { Node } from '../graph/graph.ts';

/** How errors name a node. */
export const nodePlace = (file: string, node: Pick<Node, 'name' | 'op'>): string =>
  `${file}: node '${node.name}' (${node.op})`;

/** Nodes with a name each: a node without one is called after its operator and its output, a second one `name_2`. */
export function nameNodes(nodes: readonly Node[]): Node[] {
  const given = new Set(nodes.map((node) => node.name));
  const taken = new Set<string>();
  return nodes.map((node) => {
    const stem = node.name || `${node.op}_${node.outputs.find((output) => output !== '') ?? ''}`;
    let name = stem;
    for (let i = 2; taken.has(name) || (name !== node.name && given.has(name)); i++) name = `${stem}_${i}`;
    taken.add(name);
    return { ...node, name };
  });
}

/**
 * The nodes in topological order: as they are where they are sorted, else each after the nodes that it needs.
 * Errors: a value that two nodes make, or none; a cycle.
 */
export function sortNodes(
  nodes: readonly Node[],
  given: { has(value: string): boolean },
  outputs: readonly string[],
  file: string,
): Node[] {
  const producer = new Map<string, Node>();
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === '') continue;
      const other = producer.get(output);
      if (other) fail(nodePlace(file, node), `output '${output}' is made by node '${other.name}' too`);
      if (given.has(output))
        fail(nodePlace(file, node), `output '${output}' is also an input or a weight of the model`);
      producer.set(output, node);
    }
  }
  const sorted: Node[] = [];
  const state = new Map<Node, 'open' | 'done'>();
  for (const root of nodes) {
    // An explicit stack: networks are deeper than the call stack is sure to be.
    const stack = [root];
    while (stack.length > 0) {
      const node = stack[stack.length - 1];
      if (state.get(node) === 'done') {
        stack.pop();
        continue;
      }
      const waiting = state.get(node) === 'open' ? [] : needs(node);
      state.set(node, 'open');
      const open = waiting.find((other) => state.get(other) === 'open');
      if (open)
        fail(
          nodePlace(file, node),
          `it needs the output of node '${open.name}', which needs its own: a cycle`,
        );
      // One by one: as arguments of one call they would not all fit where a node has a hundred thousand inputs.
      for (const other of waiting.reverse()) stack.push(other);
      if (waiting.length === 0) {
        state.set(node, 'done');
        sorted.push(node);
        stack.pop();
      }
    }
  }
  for (const output of outputs) {
    if (!producer.has(output) && !given.has(output)) fail(file, `output '${output}' is not made by any node`);
  }
  return sorted;

  function needs(node: Node): Node[] {
    return node.inputs
      .filter((input) => input !== '' && !given.has(input))
      .map(
        (input) =>
          producer.get(input) ??
          fail(
            nodePlace(file, node),
            `input '${input}' is not made by any node, nor is it an input or a weight of the model`,
          ),
      )
      .filter((other) => state.get(other) !== 'done');
  }
}
