import type { Graph, GraphBuilder, Tensor } from '../graph/index.ts';
import type { Ledger } from './walk.ts';

/** The outputs of a relevance graph that hold one node's sums, one number per image each. */
export interface Sums {
  readonly node: string;
  readonly rule: string;
  readonly received: string;
  readonly passed: string;
  readonly bias: string;
  readonly stabiliser: string;
}

/** One line of the report: relevance in units of the starting relevance, for one image. */
export interface Balance {
  readonly node: string;
  readonly rule: string;
  readonly received: number;
  readonly passed: number;
  /** Absorbed by the bias. */
  readonly bias: number;
  /** Absorbed by the stabiliser of the denominator. */
  readonly stabiliser: number;
  /** What is left over: lost to padding or to dead ends, or (negative) made by a rule that does not conserve. */
  readonly other: number;
}

/** Adds the outputs that the report needs to a relevance graph. */
export function bookkeeping(b: GraphBuilder, graph: Graph, ledger: Ledger): Sums[] {
  const sums: Sums[] = [];
  // Numbers per image, from the scores down.
  for (const node of [...graph.nodes].reverse()) {
    const account = ledger.get(node.name);
    if (!account) continue;
    const total = (what: string, values: readonly string[]): string => {
      const name = `${what}:${node.name}`;
      const parts = values.map((value) =>
        b.op('ReduceSum', [b.op('Flatten', [value], { axis: 1 }), b.ints(1)], { keepdims: 0 }),
      );
      const sum =
        parts.length === 0
          ? b.constant({ type: 'float32', shape: [1], data: new Float32Array(1) })
          : parts.reduce((x, y) => b.op('Add', [x, y]));
      b.output(sum, { name, type: 'float32', shape: ['N'] });
      return name;
    };
    sums.push({
      node: node.name,
      rule: account.rule,
      received: total('received', account.received),
      passed: total('passed', account.passed),
      bias: total('bias', account.bias),
      stabiliser: total('stabiliser', account.stabiliser),
    });
  }
  return sums;
}

/** Reads the report of the `image`-th image of a batch from what the graph computed. */
export function balances(
  sums: readonly Sums[],
  outputs: Readonly<Record<string, Tensor>>,
  image: number,
): Balance[] {
  return sums.map((s) => {
    const at = (name: string) => {
      const { data } = outputs[name];
      return Number(data[Math.min(image, data.length - 1)]);
    };
    const [received, passed, bias, stabiliser] = [at(s.received), at(s.passed), at(s.bias), at(s.stabiliser)];
    return {
      node: s.node,
      rule: s.rule,
      received,
      passed,
      bias,
      stabiliser,
      other: received - passed - bias - stabiliser,
    };
  });
}
