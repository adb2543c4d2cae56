import { fail } from '../common/error.ts';
import type { Graph, Head, Model, Node } from '../graph/index.ts';

/** The head to explain: the one named, or the first with classes. Errors: no head of that name. */
export function headOf(model: Model, name?: string): Head {
  const { heads } = model.info;
  const head =
    name === undefined
      ? (heads.find((h) => h.kind === 'classes') ?? heads[0])
      : heads.find((h) => h.name === name);
  return (
    head ??
    fail(
      `head '${name ?? ''}'`,
      'the model has no such output',
      `it has: ${heads.map((h) => h.name).join(', ')}`,
    )
  );
}

const transparent = new Set(['Softmax', 'LogSoftmax', 'Identity', 'Dropout', 'Flatten', 'Squeeze']);

/** The class scores below a head's softmax: where the original starts its relevance. */
export function scoresBelow(graph: Graph, output: string): string {
  const producer = new Map<string, Node>();
  for (const node of graph.nodes) for (const value of node.outputs) producer.set(value, node);
  let value = output;
  for (let node = producer.get(value); node && transparent.has(node.op); node = producer.get(value))
    value = node.inputs[0];
  return value;
}

/**
 * The starting relevance of every softmax that does not stand on `scores`: its probabilities at its input. The
 * original walks branches that do not lead to the chosen output, too, and there each softmax acts so.
 */
export function auxiliaryRelevance(graph: Graph, scores: string): [value: string, relevance: string][] {
  return graph.nodes
    .filter((node) => node.op === 'Softmax' && scoresBelow(graph, node.outputs[0]) !== scores)
    .map((node) => [node.inputs[0], node.outputs[0]]);
}
