import { type Attributes, float32, GraphBuilder, type Shape, type Tensor } from '../../src/graph/index.ts';
import { infer } from '../../src/operators/index.ts';
import { bookkeeping } from '../../src/relevance/conservation.ts';
import { type Balance, balances, type Handling, propagate } from '../../src/relevance/index.ts';
import type { Bounds, Ledger } from '../../src/relevance/walk.ts';
import type { NdArray } from '../reference/array.ts';
import { runGraph } from '../run.ts';

/** One operation, built as often as there are ways to handle it, so that one run shows them all. */
export interface Operation {
  readonly op: string;
  readonly attributes?: Attributes;
  /** The variables, N×…. */
  readonly inputs: readonly NdArray[];
  readonly constants?: readonly (NdArray | Tensor | undefined)[];
  readonly relevance: NdArray;

  /** Puts a ReLU before the operation, so that its inputs are known not to be negative. */
  readonly rectified?: boolean;
  /** Makes the graph for a single run. */
  readonly once?: boolean;
  readonly bounds?: Bounds;
}

export interface Handled {
  /** By input. */
  readonly relevance: readonly NdArray[];
  /** Summed over the batch. */
  readonly balance: Balance;
  /** The operation's own result, which no handling may change. */
  readonly forward: NdArray;
}

export const tensorOf = ({ shape, data }: NdArray): Tensor<'float32'> => float32(shape, data);
const arrayOf = ({ shape, data }: Tensor): NdArray => ({
  shape,
  data: Float64Array.from(data as Float32Array),
});

/** What each handling makes of the operation's relevance. */
export async function handled(o: Operation, handlings: readonly Handling[]): Promise<Handled[]> {
  const b = new GraphBuilder('one operation');
  const symbolic = (shape: readonly number[]): Shape => ['N', ...shape.slice(1)];
  const variables = o.inputs.map(({ shape }, i) => {
    const x = b.input({ name: `x${i}`, type: 'float32', shape: symbolic(shape) });
    return o.rectified ? b.node({ op: 'Relu', name: `relu${i}`, inputs: [x], outputs: [`relu${i}`] })[0] : x;
  });
  const constants = (o.constants ?? []).map((c, i) =>
    c === undefined ? '' : b.weight(`c${i}`, 'type' in c ? c : tensorOf(c)),
  );
  const inputs = [...variables, ...constants];
  while (inputs.at(-1) === '') inputs.pop();
  const nodes = handlings.map((_, i) => `node${i}`);
  for (const name of nodes) {
    b.node({ op: o.op, name, inputs, outputs: [name], attributes: o.attributes ?? {} });
    b.output(name, { name, type: 'float32', shape: symbolic(o.relevance.shape) });
  }
  const graph = b.build();
  const known = infer(graph);

  const full = new GraphBuilder(graph, o);
  const seed = full.input({ name: 'R', type: 'float32', shape: symbolic(o.relevance.shape) });
  const ledger: Ledger = new Map();
  const { edges } = propagate(full, {
    graph,
    known,
    seeds: new Map(nodes.map((name) => [name, seed])),
    wanted: variables,
    composite: {
      name: 'test',
      entries: handlings.map((handling, i) => ({ match: { name: nodes[i] }, handling })),
    },
    bounds: o.bounds,
    ledger,
  });
  const sums = bookkeeping(full, graph, known, ledger, (node) => node);
  for (const name of nodes) {
    full.output(name, { name, type: 'float32', shape: [] });
    edges
      .get(name)!
      .slice(0, variables.length)
      .forEach((value, i) => {
        if (value !== undefined) full.output(value, { name: `R:${name}:${i}`, type: 'float32', shape: [] });
      });
  }
  const results = await runGraph(full.build(), {
    ...Object.fromEntries(o.inputs.map((x, i) => [`x${i}`, tensorOf(x)])),
    R: tensorOf(o.relevance),
  });
  const images = Array.from({ length: o.relevance.shape[0] }, (_, image) => balances(sums, results, image));
  return nodes.map((name) => ({
    relevance: variables.flatMap((_, i) => {
      const made = results[`R:${name}:${i}`];
      return made ? [arrayOf(made)] : [];
    }),
    balance: images.map((lines) => lines.find(({ node }) => node === name)!).reduce(added),
    forward: arrayOf(results[name]),
  }));
}

function added(x: Balance, y: Balance): Balance {
  const keys = ['received', 'absolute', 'passed', 'bias', 'stabiliser', 'padding', 'other'] as const;
  return { ...x, ...Object.fromEntries(keys.map((key) => [key, x[key] + y[key]])) };
}
