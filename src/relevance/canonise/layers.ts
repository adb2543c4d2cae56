import type { Graph, Layer, Node } from '../../graph/index.ts';
import { type Inference, operatorOf, Site } from '../../operators/index.ts';

/**
 * The index of a node in its network's own layer list. Nodes that an importer made beside a layer's main one are
 * named `layer:what` and have the layer's index. Without a list, nodes are counted as Caffe would count them: in
 * order, and one more wherever a value has several consumers.
 */
export function layerIndex(graph: Graph, layers?: readonly Layer[]): (node: Node) => number {
  const indices = new Map<string, number>();
  (layers ?? listLayers(graph)).forEach((layer, i) => {
    indices.set(layer.name, i);
  });
  return ({ name }) => {
    const colon = name.lastIndexOf(':');
    const layer = colon < 0 ? name : name.slice(0, colon);
    return indices.get(name) ?? indices.get(layer) ?? Number.POSITIVE_INFINITY;
  };
}

/** The layers of a graph that brings no list of its own, with a split wherever a value has several consumers. */
export function listLayers(graph: Graph): Layer[] {
  const consumers = new Map<string, number>();
  for (const node of graph.nodes)
    for (const input of node.inputs) consumers.set(input, (consumers.get(input) ?? 0) + 1);
  const splits = (values: readonly string[]) =>
    values
      .filter((value) => (consumers.get(value) ?? 0) > 1)
      .map((value) => ({ name: `${value}_split`, type: 'Split' }));
  return [
    ...splits(graph.inputs.map((input) => input.name)),
    ...graph.nodes.flatMap((node) => [{ name: node.name, type: node.op }, ...splits(node.outputs)]),
  ];
}

export interface InputLayers {
  /** The names of the convolutions and dense layers that see the input without another one in between. */
  readonly first: ReadonlySet<string>;
  /** The names of the nodes before and beside them that see nothing but the input, moved, scaled, pooled. */
  readonly raw: ReadonlySet<string>;
}

/** The layers around a network's input. */
export function inputLayers(graph: Graph, known: Inference): InputLayers {
  const raw = new Set(graph.inputs.map((input) => input.name));
  const [first, before] = [new Set<string>(), new Set<string>()];
  for (const node of graph.nodes) {
    if (!node.inputs.some((input) => raw.has(input))) continue;
    const role = operatorOf(node).role(new Site(node, known));
    // The input's shape is no part of the picture: a class token that is repeated for every image sees nothing of it.
    if (role.kind === 'index') continue;
    if (role.kind === 'linear' && (role.map.kind === 'convolution' || role.map.kind === 'dense'))
      first.add(node.name);
    else {
      before.add(node.name);
      for (const output of node.outputs) raw.add(output);
    }
  }
  return { first, raw: before };
}
