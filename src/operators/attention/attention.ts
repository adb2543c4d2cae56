import { type Graph, type Node, producers } from '../../graph/index.ts';
import { anything, constant, either, later, matches, op, type Pattern, value } from '../forms/pattern.ts';
import type { Inference } from '../site.ts';

/** Attention as exporters write it: softmax(QKᵀ, scaled and masked)·V. */
export interface Attention {
  /** The name of the node that multiplies by the values: the whole's result. */
  readonly name: string;
  /** The softmax, whose result is the weights: …×queries×keys. */
  readonly softmax: Node;
  /** What is multiplied: Q and Kᵀ, and V. */
  readonly queries: string;
  readonly keys: string;
  readonly values: string;
  /** The names of all nodes between these and the result, both products included. */
  readonly nodes: readonly string[];
}

/** The products of queries and keys, scaled, masked and seen in other shapes, in any order of these. */
const scores: Pattern = either(
  op('MatMul', [value('queries'), value('keys')]),
  op('Mul', [later(() => scores), constant()]),
  op('Div', [later(() => scores), constant()]),
  op('Add', [later(() => scores), anything]),
  op('Where', [anything, later(() => scores), anything]),
  op('Where', [anything, anything, later(() => scores)]),
  op('Reshape', [later(() => scores), anything]),
);

const softmax = op('Softmax', [scores], (site) => {
  const axis = site.int('axis', -1);
  return axis === -1 || axis === site.shape(0).length - 1;
});

/** What is done to the weights before they are used: rows that a mask left empty are cleared, heads are taken apart. */
const weights: Pattern = either(
  softmax,
  op('Where', [anything, anything, later(() => weights)]),
  op('Where', [anything, later(() => weights), anything]),
  op('Reshape', [later(() => weights), anything]),
);

const attention = op('MatMul', [weights, value('values')]);

/** Every attention of a network, from the input to the scores. */
export function attentions(graph: Graph, known: Inference): Attention[] {
  const scene = { producers: producers(graph), known, tolerance: 0 };
  return graph.nodes.flatMap((root) => {
    for (const { values, nodes } of matches(attention, scene, root)) {
      const [queries, keys, ofValues] = ['queries', 'keys', 'values'].map((name) => values.get(name)!);
      // The pattern has one softmax: what is behind it, on the way down, comes first.
      const softmax = nodes.find((node) => node.op === 'Softmax')!;
      const names = nodes.map(({ name }) => name);
      return [{ name: root.name, softmax, queries, keys, values: ofValues, nodes: names }];
    }
    return [];
  });
}
