import type { Dim, Graph, GraphBuilder, Tensor } from '../graph/index.ts';
import type { Ledger } from './walk.ts';

const kinds = ['received', 'passed', 'bias', 'stabiliser', 'padding'] as const;
type Kind = (typeof kinds)[number] | 'absolute';

/** The outputs of a relevance graph that hold one node's sums, one number per image each; none where all are zero. */
export interface Sums extends Readonly<Partial<Record<Kind, string>>> {
  readonly node: string;
  /** What was done at the node: a rule's name, or how its relevance passes. */
  readonly rule: string;
}

/** One line of the report: sums of relevance, for one image. received = passed + bias + stabiliser + padding + other. */
export interface Balance {
  readonly node: string;
  readonly rule: string;
  readonly received: number;
  /** Σ|R| of what was received: large where shares of both signs grow against each other while their sum stays. */
  readonly absolute: number;
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
    const names: [Kind, string | undefined][] = kinds.map((kind) => [
      kind,
      total(b, batch, node, kind, account[kind]),
    ]);
    const sizes = account.received.map((value) => b.op('Abs', [value]));
    names.push(['absolute', total(b, batch, node, 'absolute', sizes)]);
    return [
      { node, rule: rules(node), ...Object.fromEntries(names.filter(([, name]) => name !== undefined)) },
    ];
  });
}

function total(
  b: GraphBuilder,
  batch: Dim,
  node: string,
  kind: Kind,
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
    return {
      node: s.node,
      rule: s.rule,
      received,
      absolute: at(s.absolute),
      passed,
      bias,
      stabiliser,
      padding,
      other,
    };
  });
}

/** Relevance that is far larger than what it is to explain. */
export interface Excess {
  /** The layer that receives it; absent where it is the input. */
  readonly node?: string | undefined;
  /** Σ|R|. */
  readonly absolute: number;
  /** How many times what relevance started with that is. */
  readonly multiple: number;
}

/** Beyond this multiple of what it started with, relevance is what rules made rather than shares of a score. */
export const saneMultiple = 100;

/** The first layer, from the scores down, whose Σ|R| is beyond {@link saneMultiple}; undefined where none is. */
export function excessOf(balances: readonly Balance[]): Excess | undefined {
  const start = balances[0]?.absolute ?? 0;
  const found = balances.find(({ absolute }) => absolute > saneMultiple * start);
  return found && start > 0
    ? { node: found.node, absolute: found.absolute, multiple: found.absolute / start }
    : undefined;
}
