import type { Dim, Graph, GraphBuilder, Tensor } from '../graph/index.ts';
import type { Account, Ledger } from './walk.ts';

const kinds = ['received', 'passed', 'bias', 'stabiliser', 'padding'] as const;

/** The outputs of a relevance graph that hold one node's sums, one number per image each; none where all are zero. */
export interface Sums extends Readonly<Partial<Record<(typeof kinds)[number], string>>> {
  readonly node: string;
  /** What was done at the node: a rule's name, or how its relevance passes. */
  readonly rule: string;
}

/** One line of the report: sums of relevance, for one image. received = passed + bias + stabiliser + padding + other. */
export interface Balance {
  readonly node: string;
  readonly rule: string;
  readonly received: number;
  readonly passed: number;
  /** Absorbed by the bias. */
  readonly bias: number;
  /** Absorbed by the stabiliser of the denominator, or by outputs whose denominator is zero. */
  readonly stabiliser: number;
  /** Given to cells of zero padding. */
  readonly padding: number;
  /** What is left over: given to nobody, or (negative) made by a rule that does not conserve. */
  readonly other: number;
}

/**
 * Adds the outputs that the report needs to a relevance graph, from the scores down. `rules` names what was done at
 * each node. Sums are over everything but the batch, in float32.
 */
export function bookkeeping(
  b: GraphBuilder,
  graph: Graph,
  ledger: Ledger,
  rules: (node: string) => string,
): Sums[] {
  const batch = graph.inputs[0].shape[0];
  return [...graph.nodes].reverse().flatMap(({ name: node }) => {
    const account = ledger.get(node);
    if (!account) return [];
    const names = kinds.map((kind) => [kind, total(b, batch, node, kind, account[kind])] as const);
    return [
      { node, rule: rules(node), ...Object.fromEntries(names.filter(([, name]) => name !== undefined)) },
    ];
  });
}

function total(
  b: GraphBuilder,
  batch: Dim,
  node: string,
  kind: keyof Account,
  values: readonly string[],
): string | undefined {
  const parts = values.map((value) =>
    b.op('ReduceSum', [b.op('Flatten', [value], { axis: 1 }), b.ints(1)], { keepdims: 0 }),
  );
  if (parts.length === 0) return undefined;
  const name = `${kind}:${node}`;
  b.output(
    parts.reduce((x, y) => b.op('Add', [x, y])),
    { name, type: 'float32', shape: [batch] },
  );
  return name;
}

/** Reads the report of the `image`-th image of a batch from what the graph computed. */
export function balances(
  sums: readonly Sums[],
  outputs: Readonly<Record<string, Tensor>>,
  image: number,
): Balance[] {
  return sums.map((s) => {
    const at = (name: string | undefined) => (name === undefined ? 0 : Number(outputs[name].data[image]));
    const [received, passed, bias, stabiliser, padding] = kinds.map((kind) => at(s[kind]));
    const other = received - passed - bias - stabiliser - padding;
    return { node: s.node, rule: s.rule, received, passed, bias, stabiliser, padding, other };
  });
}
