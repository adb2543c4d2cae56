import { fail } from '../common/error.ts';
import type { Graph, GraphBuilder, Node, Shape, Tensor } from '../graph/index.ts';
import { type Inference, infer, lowerInto, operatorOf, Site } from '../operators/index.ts';

/** What a network makes of another input, beside what it makes of the one that is explained. */
export interface Reference {
  /** A value's counterpart; constants are their own. */
  of(value: string): string;
  /** A node of the network in the other pass. */
  counterpart(site: Site): Site;
  /** The node on other inputs, of the shapes of its own; added to the graph. */
  again(site: Site, inputs: readonly string[]): Site;
}

/**
 * Adds the network a second time, on `input` (1×C×H×W) for every image of the batch. Errors: an input of another shape
 * than the network's.
 */
export function referencePass(
  b: GraphBuilder,
  graph: Graph,
  known: Inference,
  input: Tensor<'float32'>,
): Reference {
  const [given] = graph.inputs;
  if (input.shape.slice(1).join() !== given.shape.slice(1).join())
    fail('reference', `its shape is [${input.shape}], the input's [${given.shape}]`);
  const of = (value: string) => (value === '' || graph.constants.has(value) ? value : `reference:${value}`);
  const copy = (node: Node): Node => ({
    ...node,
    name: `reference:${node.name}`,
    inputs: node.inputs.map(of),
    outputs: node.outputs.map(of),
  });
  const other: Graph = {
    ...graph,
    inputs: [{ ...given, name: of(given.name) }],
    nodes: graph.nodes.map(copy),
    outputs: graph.outputs.map((output) => ({ ...output, name: of(output.name) })),
  };
  const there = infer(other);
  b.scope('reference');
  const batch = b.op('Shape', [given.name]);
  const image = b.constant(input);
  b.node({ op: 'Expand', name: of(given.name), inputs: [image, batch], outputs: [of(given.name)] });
  for (const node of other.nodes) b.node(node);
  lowerInto(b, other, there);

  const shapes = new Map<string, Shape>([...known.shapes, ...there.shapes]);
  const both: Inference = {
    shapes,
    types: new Map([...known.types, ...there.types]),
    constants: known.constants,
    elements: new Map([...(known.elements ?? []), ...(there.elements ?? [])]),
  };
  return {
    of,
    counterpart: ({ node }) => new Site(copy(node), both),
    again({ node, known: { shapes: own } }, inputs) {
      const outputs = b.ops(node.op, inputs, node.outputs.length, node.attributes);
      node.inputs.forEach((input, i) => {
        const shape = own.get(input);
        if (shape) shapes.set(inputs[i], shape);
      });
      outputs.forEach((output, i) => {
        shapes.set(output, own.get(node.outputs[i])!);
      });
      const site = new Site({ ...node, inputs, outputs }, both);
      const faster = operatorOf(node).lower?.(b, site);
      if (faster !== undefined) b.replace(outputs[0], () => faster);
      return site;
    },
  };
}
