import { fail } from '../common/error.ts';
import { type Graph, GraphBuilder, type Shape } from '../graph/index.ts';
import { foldConstants, infer, lowerInto, operatorOf } from '../operators/index.ts';
import { type Cotangents, type Reverse, reverse } from './reverse.ts';

/** Adds the nodes of the vector–Jacobian product: {@link reverse} with every operator's own VJP as the step. */
export function cotangents(b: GraphBuilder, walk: Omit<Reverse, 'step' | 'what'>): Cotangents {
  return reverse(b, {
    ...walk,
    what: 'gradient',
    step: (site, arrived, input) => operatorOf(site.node).vjp(b, site, arrived, input),
  });
}

/** What is differentiated, and by what. */
export interface GradientOptions {
  /** The values to differentiate: anything that the graph computes. */
  readonly outputs: readonly string[];
  /** The values to differentiate by: inputs, weights, anything in between. */
  readonly wrt: readonly string[];
}

/**
 * Forward and backward as one graph. Inputs: the graph's own and, for each of `outputs`, `cotangent:VALUE` in the
 * value's shape. Outputs: the values under their own names, and for each of `wrt` `gradient:VALUE` in its shape: the
 * sum over `outputs` of cotangent · ∂output/∂value. Errors: values that do not exist; a value of `wrt` that no
 * output depends on.
 *
 * @example
 * ```ts
 * import { gradient } from 'limn/gradient';
 * import { float32, GraphBuilder } from 'limn/graph';
 * import { nodeRuntime } from 'limn/node';
 *
 * const b = new GraphBuilder('square');
 * const x = b.input({ name: 'x', type: 'float32', shape: [3] });
 * b.output(b.op('Mul', [x, x]), { name: 'y', type: 'float32', shape: [3] });
 * const session = await nodeRuntime.load(gradient(b.build(), { outputs: ['y'], wrt: ['x'] }));
 * const ones = float32([3], Float32Array.of(1, 1, 1));
 * console.log(await session.run({ x: float32([3], Float32Array.of(1, 2, 3)), 'cotangent:y': ones }));
 * await session.release();
 * ```
 */
export function gradient(graph: Graph, { outputs, wrt }: GradientOptions): Graph {
  const known = infer(graph);
  const shapeOf = (value: string): Shape =>
    known.shapes.get(value) ?? fail(graph.name, `there is no value '${value}'`, 'limn inspect lists them');
  const b = new GraphBuilder(graph);
  lowerInto(b, graph, known);
  const seeds = new Map<string, string>();
  for (const value of outputs) {
    const name = `cotangent:${value}`;
    seeds.set(value, b.input({ name, type: 'float32', shape: shapeOf(value) }));
  }
  wrt.forEach(shapeOf);
  const { values } = cotangents(b, { graph, known, seeds, wanted: wrt });

  b.scope('');
  for (const value of outputs) b.output(value, { name: value, type: 'float32', shape: shapeOf(value) });
  for (const value of wrt) {
    const arrived =
      values.get(value) ?? fail(graph.name, `'${value}' has no influence on ${outputs.join(', ')}`);
    b.output(arrived, { name: `gradient:${value}`, type: 'float32', shape: shapeOf(value) });
  }
  return foldConstants(b.build());
}
