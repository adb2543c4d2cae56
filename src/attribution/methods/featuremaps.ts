import { fail } from '../../common/error.ts';
import type { Graph, Model, Node, Shape } from '../../graph/index.ts';
import { infer, operatorOf, Site } from '../../operators/index.ts';
import { scoresBelow } from '../../relevance/index.ts';
import type { PlaneSize } from './bilinear.ts';

/** How large a layer's feature maps N×K×h×w are. Errors: the layer has none, or of no fixed size. */
export function mapSize(layer: string, shape: Shape): PlaneSize {
  const [, , height, width] = shape;
  if (shape.length === 4 && typeof height === 'number' && typeof width === 'number') return [height, width];
  return fail(
    `layer '${layer}'`,
    `it has no feature maps of fixed size: its shape is [${shape}]`,
    'name a convolution',
  );
}

/**
 * The layer whose output is the last to be spread over positions on the way to the scores, before pooling,
 * normalisation and rearrangement: `relu5_3` of VGG16, `inception_5b/output` of GoogLeNet.
 */
export function lastFeatureMaps(model: Model, output: string): string {
  const { graph } = model;
  const known = infer(graph);
  const scores = scoresBelow(graph, output);
  const needed = new Set([scores]);
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((value) => needed.has(value))) continue;
    const site = new Site(node, known);
    const shape = site.output();
    const spread = shape.length === 4 && shape.slice(2).some((n) => typeof n === 'number' && n > 1);
    if (spread && !isPassing(node, graph, site)) return node.name;
    for (const input of node.inputs) needed.add(input);
  }
  return fail(graph.name, 'no layer has feature maps', 'class activation maps need a convolutional network');
}

/** Whether a node only pools, normalises or rearranges one value. */
function isPassing(node: Node, graph: Graph, site: Site): boolean {
  if (node.inputs.filter((input) => input !== '' && !graph.constants.has(input)).length !== 1) return false;
  const role = operatorOf(node).role(site);
  if (role.kind === 'linear') return role.map.kind === 'average';
  return role.kind === 'movement' || role.kind === 'max' || role.kind === 'normalisation';
}
