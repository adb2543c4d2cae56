import { fail } from '../common/error.ts';
import type { Attribute, Node } from '../graph/graph.ts';
import { float32, int64, type Tensor } from '../graph/tensor.ts';

/** The tensor that a Constant node holds. Errors: text, sparse tensors. */
export function constantValue(node: Node, where: string): Tensor {
  const value: Attribute | undefined = node.attributes.value;
  if (typeof value === 'object' && 'data' in value) return value;
  const { value_float, value_floats, value_int, value_ints } = node.attributes;
  if (typeof value_float === 'object' && 'float' in value_float) return float32([], [value_float.float]);
  if (typeof value_floats === 'object' && 'floats' in value_floats) {
    return float32([value_floats.floats.length], value_floats.floats);
  }
  if (typeof value_int === 'number') return int64([], [value_int]);
  if (Array.isArray(value_ints)) return int64([value_ints.length], value_ints.map(Number));
  return fail(where, 'it holds no tensor of numbers');
}

/**
 * Where(IsNaN(x), 0, x) as x: what exporters write behind a softmax, for rows that a mask takes whole. A network that makes no
 * NaN is the same without; of one that does, errors say so rather than that it sees nothing.
 */
export const withoutGuards = (
  nodes: readonly Node[],
  constants: ReadonlyMap<string, Tensor>,
): readonly Node[] => {
  const tested = new Map(
    nodes.flatMap(({ op, inputs, outputs }) => (op === 'IsNaN' ? [[outputs[0], inputs[0]]] : [])),
  );
  const isGuard = ({ op, inputs: [condition, otherwise, x] }: Node) =>
    op === 'Where' &&
    x !== undefined &&
    tested.get(condition) === x &&
    constants.get(otherwise)?.data.length === 1;
  return nodes.map((node) =>
    isGuard(node) ? { ...node, op: 'Identity', inputs: node.inputs.slice(2), attributes: {} } : node,
  );
};

/**
 * The graph without Identity nodes. A value that only renamed another is taken for it; where the new name is a
 * graph output, the other takes that name, unless it has to keep its own: then the node stays.
 */
export function foldIdentities(
  nodes: readonly Node[],
  given: { has(value: string): boolean },
  outputs: readonly string[],
): Node[] {
  const fixed = new Set(outputs);
  const renamed = new Map<string, string>();
  const current = (value: string): string => {
    let name = value;
    for (let next = renamed.get(name); next !== undefined; next = renamed.get(name)) name = next;
    return name;
  };
  const kept = nodes.filter((node) => {
    const [input, output] = [node.inputs[0], node.outputs[0]];
    if (node.op !== 'Identity' || !input || !output) return true;
    const source = current(input);
    if (!fixed.has(output)) renamed.set(output, source);
    else if (!given.has(source) && !fixed.has(source)) renamed.set(source, output);
    else return true;
    return false;
  });
  return kept.map((node) => ({
    ...node,
    inputs: node.inputs.map(current),
    outputs: node.outputs.map(current),
  }));
}
