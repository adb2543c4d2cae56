import { fail } from '../common/error.ts';
import type { Node } from '../graph/graph.ts';

/** How errors name a node. */
export const nodePlace = (file: string, node: Pick<Node, 'name' | 'op'>): string =>
  `${file}: node '${node.name}' (${node.op})`;

/** What a node is called, or would be if its name were its own. */
export const stemOf = ({ name, op, outputs }: Pick<Node, 'name' | 'op' | 'outputs'>): string =>
  name || `${op}_${outputs.find((output) => output !== '') ?? ''}`;

/** Nodes with a name each: a node without one is called after its operator and its output, a second one `name_2`. */
export function nameNodes(nodes: readonly Node[]): Node[] {
  const given = new Set(nodes.map((node) => node.name));
  const taken = new Set<string>();
  return nodes.map((node) => {
    const stem = stemOf(node);
    let name = stem;
    for (let i = 2; taken.has(name) || (name !== node.name && given.has(name)); i++) name = `${stem}_${i}`;
    taken.add(name);
    return { ...node, name };
  });
}

/** The values that a graph has before its first node: its inputs and weights. */
type Given = Pick<ReadonlySet<string>, 'has'>;

/**
 * The nodes in topological order: as they are where they are sorted, else each after the nodes that it needs.
 * Errors: a value that two nodes make, or none; a cycle.
 */
export function sortNodes(
  nodes: readonly Node[],
  given: Given,
  outputs: readonly string[],
  file: string,
): Node[] {
  const makers = makersOf(nodes, given, file);
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
      const waiting =
        state.get(node) === 'open'
          ? []
          : needs(node, given, makers, file).filter((other) => state.get(other) !== 'done');
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
    if (!makers.has(output) && !given.has(output)) fail(file, `output '${output}' is not made by any node`);
  }
  return sorted;
}

/** The node that makes each value. */
function makersOf(nodes: readonly Node[], given: Given, file: string): ReadonlyMap<string, Node> {
  const makers = new Map<string, Node>();
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === '') continue;
      const other = makers.get(output);
      if (other) fail(nodePlace(file, node), `output '${output}' is made by node '${other.name}' too`);
      if (given.has(output))
        fail(nodePlace(file, node), `output '${output}' is also an input or a weight of the model`);
      makers.set(output, node);
    }
  }
  return makers;
}

/** The nodes whose values a node takes. */
function needs(node: Node, given: Given, makers: ReadonlyMap<string, Node>, file: string): Node[] {
  return node.inputs
    .filter((input) => input !== '' && !given.has(input))
    .map(
      (input) =>
        makers.get(input) ??
        fail(
          nodePlace(file, node),
          `input '${input}' is not made by any node, nor is it an input or a weight of the model`,
        ),
    );
}

/** Whether a domain is ONNX's own, which files leave out or name. */
export const isOnnxDomain = (domain: string): boolean => domain === '' || domain === 'ai.onnx';
