import type { GraphBuilder } from '../graph/index.ts';
import { type LinearMap, operatorOf, type Site } from '../operators/index.ts';

/**
 * R_i = x_i · VJP(R / (y + ε·sign y)): shares in proportion to what each input adds to the output. For sums, average
 * pooling and whatever else is linear without weights of its own; for max pooling the winner takes all.
 */
export function proportional(b: GraphBuilder, site: Site, relevance: string, input: number, epsilon: number): string | undefined {
  const y = site.node.outputs[0];
  const negative = b.op('Less', [y, b.scalar(0)]);
  const stable = b.op('Add', [y, b.op('Where', [negative, b.scalar(-epsilon), b.scalar(epsilon)])]);
  const back = operatorOf(site.node).vjp(b, site, [b.op('Div', [relevance, stable])], input);
  return back && b.op('Mul', [site.input(input), back]);
}

/**
 * Average pooling as the original shares it: R_i = Σ_j x_i R_j / Σ_window x without a stabiliser, and where the
 * window's sum is below 1e-6 its activations are added as if they were relevance.
 */
export function averageAsOriginal(b: GraphBuilder, site: Site, map: LinearMap, relevance: string): string {
  const x = site.input(map.input);
  const ones = b.op('Expand', [b.scalar(1), b.ints(1, ...site.dims(map.input, 1))]);
  // Cells that the average divided by: what stands on the image, over that sum's share of the average.
  const divisor = b.op('Div', [b.constant(map.seen()), map.apply(b, ones, undefined, undefined)]);
  const sum = b.op('Mul', [site.node.outputs[0], divisor]);
  const small = b.op('Less', [b.op('Abs', [sum]), b.scalar(1e-6)]);
  const s = b.op('Where', [small, b.scalar(1), b.op('Div', [relevance, sum])]);
  return b.op('Mul', [x, map.transpose(b, b.op('Mul', [s, divisor]), undefined)]);
}

/** Max pooling shared in proportion to all activations of the window instead of given to the winner. */
export function maxProportional(b: GraphBuilder, site: Site, relevance: string, epsilon: number): string {
  const x = site.input(0);
  const average = b.op('AveragePool', [x], { ...site.node.attributes, count_include_pad: 0 });
  const pooled = b.producer(average)!;
  const averageSite = site.like(pooled);
  return proportionalOf(b, averageSite, relevance, epsilon);
}

function proportionalOf(b: GraphBuilder, site: Site, relevance: string, epsilon: number): string {
  return proportional(b, site, relevance, 0, epsilon)!;
}
