import { fail } from '../common/error.ts';
import { type Graph, type Head, type Model, producers } from '../graph/index.ts';
import { infer, operatorOf, Site } from '../operators/index.ts';
import { scoresBelow } from '../relevance/index.ts';

/**
 * The layers that all ways from the input to a head's scores lead through, from the input up, whose outputs are feature
 * maps N×C×h×w of more than one position, or tokens N×T×C that a sum makes: after the activation where there is one, before
 * pooling, normalisation and rearrangement. All relevance passes through such a layer.
 */
export function layersOnAllWays({ graph }: Model, head: Head): string[] {
  const known = infer(graph);
  const [batch] = graph.inputs[0].shape;
  const made = producers(graph);
  const chain = dominators(graph, scoresBelow(graph, head.output));
  return chain.flatMap((value, i) => {
    const node = made.get(value);
    const shape = known.shapes.get(value) ?? [];
    if (!node || shape[0] !== batch) return [];
    const above = made.get(chain[i + 1] ?? '');
    const role = operatorOf(node).role(new Site(node, known));
    const isActivated = above && operatorOf(above).role(new Site(above, known)).kind === 'activation';
    const isSpread = shape.length === 4 && shape.slice(2).some((n) => typeof n === 'number' && n > 1);
    const isFeature =
      role.kind === 'activation' ||
      (role.kind === 'sum' && shape.length > 2) ||
      (role.kind === 'linear' && role.map.kind === 'convolution') ||
      (role.kind === 'movement' && node.inputs.length > 1 && isJoined(node.inputs, graph));
    const isTokens = shape.length === 3 && role.kind === 'sum';
    return isFeature && !isActivated && (isSpread || isTokens) ? [node.name] : [];
  });
}

/** Whether several values that are no constants come together. */
const isJoined = (inputs: readonly string[], { constants }: Graph): boolean =>
  inputs.filter((input) => input !== '' && !constants.has(input)).length > 1;

/**
 * The layers that are analysed unless others are named, the upper one first: the last on all ways, and the one in their
 * middle. Errors: there is none.
 */
export function usualLayers(model: Model, head: Head): string[] {
  const { shapes } = infer(model.graph);
  const classes = shapes.get(scoresBelow(model.graph, head.output))?.[1];
  const made = new Map(model.graph.nodes.map(({ name, outputs: [value] }) => [name, value]));
  // Maps of the classes themselves tell nothing that their scores do not.
  const all = layersOnAllWays(model, head).filter((name) => shapes.get(made.get(name)!)?.[1] !== classes);
  if (all.length === 0)
    fail(
      model.graph.name,
      'no layer has feature maps that all ways to the scores lead through',
      'name the layers',
    );
  return [...new Set([all[all.length - 1], all[Math.floor((all.length - 1) / 2)]])];
}

/** The values that all ways from the first input to `end` lead through, from the input on, `end` included. */
function dominators(graph: Graph, end: string): string[] {
  const [input] = graph.inputs;
  // A value's nearest value that all ways to it lead through, and how many such there are.
  const nearest = new Map<string, string>();
  const depth = new Map([[input.name, 0]]);
  const common = (a: string, b: string): string => {
    let [x, y] = [a, b];
    while (x !== y) {
      if (depth.get(x)! >= depth.get(y)!) x = nearest.get(x)!;
      else y = nearest.get(y)!;
    }
    return x;
  };
  for (const { inputs, outputs } of graph.nodes) {
    const from = inputs.filter((value) => depth.has(value));
    if (from.length === 0) continue;
    const above = from.reduce(common);
    for (const output of outputs) {
      nearest.set(output, above);
      depth.set(output, depth.get(above)! + 1);
    }
  }
  const found: string[] = [];
  for (let value: string | undefined = depth.has(end) ? end : undefined; value; value = nearest.get(value))
    found.push(value);
  return found.reverse();
}
