import { dimNames } from '../graph/dim.ts';
import type { Graph, Node, Shape } from '../graph/graph.ts';
import { numbers } from '../graph/tensor.ts';

/**
 * Whether what a network answers of an image depends on the others of its batch: it repeats a batch as a whole (GC ViT's
 * windows then meet the queries of other images), or takes a mean, a sum or a maximum over it.
 */
export function mixesImages(
  { inputs, nodes, constants }: Graph,
  shapes: ReadonlyMap<string, Shape>,
): boolean {
  const [batch] = (inputs.length === 1 && inputs[0].shape) || [];
  if (typeof batch !== 'string') return false;
  const listed = (value: string | undefined) => {
    const tensor = value ? constants.get(value) : undefined;
    return tensor && numbers(tensor);
  };
  return nodes.some((node) => {
    const shape = shapes.get(node.inputs[0]);
    if (!shape || shape.length === 0 || !dimNames(shape[0]).includes(batch)) return false;
    if (node.op === 'Tile') return (listed(node.inputs[1])?.[0] ?? 1) !== 1;
    return reducedAxes(node, listed)?.some((axis) => axis === 0 || axis === -shape.length) ?? false;
  });
}

/** The axes that a node takes one number of, where they are told; none listed are all. */
function reducedAxes(
  { op, inputs, attributes }: Node,
  listed: (value: string | undefined) => readonly number[] | undefined,
): readonly number[] | undefined {
  if (op === 'MeanVarianceNormalization')
    return (attributes.axes as readonly number[] | undefined) ?? [0, 2, 3];
  if (!op.startsWith('Reduce') || attributes.noop_with_empty_axes === 1) return undefined;
  return inputs[1] ? listed(inputs[1]) : [0];
}
