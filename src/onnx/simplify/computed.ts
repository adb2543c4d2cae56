import type { Node } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { evaluateNode } from '../../operators/index.ts';
import { tensorOf } from '../../operators/value.ts';
import type { Rewriting } from './rewriting.ts';

/** Elements that constants may be computed to, of one value and in all: a few bytes of a file must not take all memory. */
const [mostOfOne, mostOfAll] = [2 ** 25, 2 ** 26];

/** Whether the outputs of a node are numbers that can be told now; they are kept as constants then. */
export function isComputed(node: Node, network: Rewriting): boolean {
  const tensors = knownElements(node, network) ?? evaluated(node, network);
  if (!tensors) return false;
  node.outputs.forEach((output, i) => {
    if (output !== '') network.hold(output, tensors[i]);
  });
  return true;
}

/** Outputs whose elements inference has found out. */
function knownElements(node: Node, { known }: Rewriting): readonly Tensor[] | undefined {
  const found = node.outputs.map((output) => {
    const elements = known.elements.get(output);
    return elements && tensorOf(known.types.get(output)!, elements);
  });
  return found.every((tensor) => tensor !== undefined) ? found : undefined;
}

/** What a node makes of constants, within the limits. */
function evaluated(node: Node, network: Rewriting): readonly Tensor[] | undefined {
  const { constants, known } = network;
  if (!node.inputs.every((input) => input === '' || constants.has(input))) return undefined;
  const count = node.outputs
    .map((output) => (known.shapes.get(output) ?? []).reduce<number>((n, dim) => n * Number(dim), 1))
    .reduce((sum, n) => sum + n, 0);
  // A dimension that is no number makes the count NaN, which is within no limit.
  if (!(count <= mostOfOne && network.computed + count <= mostOfAll)) return undefined;
  network.computed += count;
  return evaluateNode(node, constants);
}
