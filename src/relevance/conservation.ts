import {
  divideDims,
  type Graph,
  type GraphBuilder,
  type Shape,
  type Tensor,
  type ValueInfo,
} from '../graph/index.ts';
import type { Inference } from '../operators/index.ts';
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
 * each node. Sums are over everything but the batch, wherever that stands, in float32.
 */
export function bookkeeping(
  b: GraphBuilder,
  graph: Graph,
  known: Inference,
  ledger: Ledger,
  rules: (node: string) => string,
): Sums[] {
  const [input] = graph.inputs;
  return [...graph.nodes].reverse().flatMap(({ name: node, inputs, outputs }) => {
    const account = ledger.get(node);
    if (!account) return [];
    // What a node books stands as its output does, but what it passes on as its input.
    const variable = inputs.find((value) => value !== '' && !graph.constants.has(value)) ?? '';
    const shapeOf = (kind: Kind) => known.shapes.get(kind === 'passed' ? variable : outputs[0]) ?? [];
    const sum = (kind: Kind, values: readonly string[]): [Kind, string | undefined] => [
      kind,
      total(b, input, node, kind, values, shapeOf(kind)),
    ];
    const names = kinds.map((kind) => sum(kind, account[kind]));
    const sizes = account.received.map((value) => b.op('Abs', [value]));
    names.push(sum('absolute', sizes));
    return [
      { node, rule: rules(node), ...Object.fromEntries(names.filter(([, name]) => name !== undefined)) },
    ];
  });
}

function total(
  b: GraphBuilder,
  input: ValueInfo,
  node: string,
  kind: Kind,
  values: readonly string[],
  shape: Shape,
): string | undefined {
  const [batch] = input.shape;
  const parts = values.map((value) =>
    b.op('ReduceSum', [perImage(b, value, shape, input), b.ints(1)], { keepdims: 0 }),
  );
  if (parts.length === 0) return undefined;
  const name = `${kind}:${node}`;
  b.output(
    parts.reduce((x, y) => b.op('Add', [x, y])),
    { name, type: 'float32', shape: [batch] },
  );
  return name;
}

/**
 * A value with the images' dimension as its first of two: heads or tokens may stand before it, and it may be joined with
 * the windows that each image is cut into.
 */
function perImage(b: GraphBuilder, value: string, shape: Shape, { name, shape: [batch] }: ValueInfo): string {
  const axis = shape.indexOf(batch);
  const isJoined = axis !== 0 && shape.length > 0 && divideDims(shape[0], batch) !== undefined;
  if (isJoined && (axis < 0 || typeof batch === 'string')) {
    const images = typeof batch === 'number' ? b.ints(batch) : b.op('Shape', [name], { start: 0, end: 1 });
    return b.op('Reshape', [value, b.op('Concat', [images, b.ints(-1)], { axis: 0 })]);
  }
  if (axis <= 0) return b.op('Flatten', [value], { axis: 1 });
  const others = shape.map((_, i) => i).filter((i) => i !== axis);
  return b.op('Flatten', [b.op('Transpose', [value], { perm: [axis, ...others] })], { axis: 1 });
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
  /** ΣR. */
  readonly sum: number;
  /** Whether it was made by rules that give more than they receive; else shares of both signs grow against each other. */
  readonly made: boolean;
  /** How many times what relevance started with Σ|R| is. */
  readonly multiple: number;
}

/** Beyond this multiple of what it started with, relevance is what rules made rather than shares of a score. */
export const saneMultiple = 100;

/** The first layer, from the scores down, whose Σ|R| is beyond {@link saneMultiple}; undefined where none is. */
export function excessOf(balances: readonly Balance[]): Excess | undefined {
  const start = balances[0]?.absolute ?? 0;
  const at = balances.findIndex(({ absolute }) => absolute > saneMultiple * start);
  if (at < 0 || start === 0) return undefined;
  const { node, absolute, received } = balances[at];
  // A branch may receive one sign only, and its sibling the other: what rules made above is told by their own lines.
  const made = -balances.slice(0, at).reduce((sum, { other }) => sum + other, 0);
  return {
    ...{ node, absolute, sum: received },
    made: Math.abs(made) > absolute / 2,
    multiple: absolute / start,
  };
}
