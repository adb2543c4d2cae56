import type { Graph, Layer, Node } from '../../graph/index.ts';
import type { NodeGroup } from './exporter.ts';

/** The nodes of each layer, in the order in which `layers` lists them where it can be kept, else in the graph's. */
export function groupsOf(graph: Graph, layers: readonly Layer[] = []): NodeGroup[] {
  const groups = new Map<string, { main: Node; helpers: Map<string, Node> }>();
  const names = new Set(graph.nodes.map((node) => node.name));
  const layerOf = ({ name }: Node) => {
    const colon = name.lastIndexOf(':');
    return colon > 0 && names.has(name.slice(0, colon)) ? name.slice(0, colon) : name;
  };
  for (const node of graph.nodes) {
    if (layerOf(node) === node.name) groups.set(node.name, { main: node, helpers: new Map() });
  }
  for (const node of graph.nodes) {
    const layer = layerOf(node);
    if (layer !== node.name) groups.get(layer)?.helpers.set(node.name.slice(layer.length + 1), node);
  }
  const found = [...groups.values()];
  const places = new Map(layers.map((layer, i) => [layer.name, i]));
  if (!found.every(({ main }) => places.has(main.name))) return found;
  const listed = found.toSorted((a, b) => places.get(a.main.name)! - places.get(b.main.name)!);
  return isOrdered(graph, listed) ? listed : found;
}

/** Whether every value is made before it is used. */
function isOrdered(graph: Graph, groups: readonly NodeGroup[]): boolean {
  const known = new Set([...graph.inputs.map((input) => input.name), ...graph.constants.keys(), '']);
  return groups.every(({ main, helpers }) => {
    const nodes = [main, ...helpers.values()];
    for (const node of nodes) for (const output of node.outputs) known.add(output);
    return nodes.every((node) => node.inputs.every((input) => known.has(input)));
  });
}
