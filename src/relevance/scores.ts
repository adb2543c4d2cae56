import { fail } from '../common/error.ts';
import { type Graph, type Head, type Model, type Node, producers } from '../graph/index.ts';
import { findOperator, type Link, operatorOf } from '../operators/index.ts';

/**
 * The head to explain: the one named, or the one with classes that most layers lead to (the first of equals): in
 * networks with auxiliary classifiers at inner layers, the final one. Errors: no head of that name, or none at all.
 */
export function headOf(model: Model, name?: string): Head {
  const { heads } = model.info;
  if (heads.length === 0) return fail('model', 'it says of no output what it means', 'import it with limn');
  if (name !== undefined) {
    const known = `it has: ${heads.map((head) => head.name).join(', ')}`;
    return (
      heads.find((head) => head.name === name) ??
      fail(`head '${name}'`, 'the model has no such output', known)
    );
  }
  const classes = heads.filter(({ kind }) => kind === 'classes');
  if (classes.length < 2) return classes[0] ?? heads[0];
  const depth = depths(model.graph);
  const depthOf = ({ output }: Head) => depth.get(output) ?? 0;
  return classes.reduce((best, head) => (depthOf(head) > depthOf(best) ? head : best));
}

/** How many nodes the longest way from the inputs to each value has. */
function depths(graph: Graph): Map<string, number> {
  const found = new Map<string, number>();
  for (const node of graph.nodes) {
    const depth = 1 + node.inputs.reduce((most, input) => Math.max(most, found.get(input) ?? 0), 0);
    for (const output of node.outputs) found.set(output, depth);
  }
  return found;
}

/** The operation that makes an output's probabilities of its scores. */
export interface OutputLink {
  readonly kind: Link;
  readonly node: Node;
}

/** What makes an output's probabilities, if anything does; shapes may change behind it. */
export function linkOf(graph: Graph, output: string): OutputLink | undefined {
  const producer = producers(graph);
  let node = producer.get(output);
  while (node && findOperator(node)?.keeps) node = producer.get(node.inputs[0]);
  const kind = node && findOperator(node)?.link;
  return node && kind && { kind, node };
}

/** The class scores below a head's softmax (or sigmoid): where the original starts its relevance. */
export function scoresBelow(graph: Graph, output: string): string {
  return linkOf(graph, output)?.node.inputs[0] ?? output;
}

/**
 * The starting relevance of every softmax that does not stand on `scores` but, in the network's order, before it:
 * its probabilities at its input. The original walks all layers below its start, those that do not lead there, too,
 * and each softmax among them acts so.
 */
export function auxiliaryRelevance(
  graph: Graph,
  scores: string,
  indexOf: (node: Node) => number,
): [value: string, relevance: string][] {
  const start = producers(graph).get(scores);
  const end = start ? indexOf(start) : Number.POSITIVE_INFINITY;
  return graph.nodes
    .filter((node) => operatorOf(node).link === 'softmax' && node.inputs[0] !== scores && indexOf(node) < end)
    .map((node) => [node.inputs[0], node.outputs[0]]);
}
