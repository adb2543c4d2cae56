import type { GraphBuilder } from '../../graph/index.ts';
import { type LinearMap, operatorOf, type Site } from '../../operators/index.ts';
import type { Account } from '../walk.ts';

/** The usual stabiliser of such quotients (Zennit's). */
const epsilon = 1e-6;

/**
 * R_i = x_i · VJP(R / (y + ε·sign y)): shares in proportion to what each input adds to the output. For sums, average
 * pooling and whatever else is linear without weights of its own.
 */
export function proportional(
  b: GraphBuilder,
  site: Site,
  relevance: string,
  input: number,
  account?: Account,
): string | undefined {
  const y = site.node.outputs[0];
  const s = quotient(b, relevance, y, epsilon, account);
  const back = operatorOf(site.node).vjp(b, site, [s], input);
  return back && b.op('Mul', [site.input(input), back]);
}

/** R / (z + ε·sign z), with what the stabiliser absorbs booked once for all of a node's inputs. */
export function quotient(
  b: GraphBuilder,
  relevance: string,
  z: string,
  stabiliser: number,
  account?: Account,
): string {
  const negative = b.op('Less', [z, b.scalar(0)]);
  const shift = b.op('Where', [negative, b.scalar(-stabiliser), b.scalar(stabiliser)]);
  const s = b.op('Div', [relevance, b.op('Add', [z, shift])]);
  if (account) {
    const absorbed = b.op('Mul', [s, shift]);
    if (!account.stabiliser.includes(absorbed)) account.stabiliser.push(absorbed);
  }
  return s;
}

/** Max pooling shared in proportion to all activations of a window, as if it were `average`, a node of the builder's. */
export function maxProportional(
  b: GraphBuilder,
  site: Site,
  average: string,
  relevance: string,
  account?: Account,
): string | undefined {
  return proportional(b, site.like(b.producer(average)!), relevance, 0, account);
}

/**
 * Average pooling as the original shares it: R_i = Σ_j x_i R_j / Σ_window x without a stabiliser, and where the
 * window's sum is below 1e-6 its activations are added as if they were relevance.
 */
export function averageAsOriginal(b: GraphBuilder, site: Site, map: LinearMap, relevance: string): string {
  const x = site.input(map.input);
  const ones = b.op('Expand', [b.scalar(1), b.ints(1, ...site.dims(map.input, 1))]);
  // What the average divided by: the cells on the image, over their share of the average.
  const divisor = b.op('Div', [b.constant(map.seen()), map.apply(b, ones, undefined, undefined)]);
  const sum = b.op('Mul', [site.node.outputs[0], divisor]);
  const small = b.op('Less', [b.op('Abs', [sum]), b.scalar(1e-6)]);
  const s = b.op('Where', [small, b.scalar(1), b.op('Div', [relevance, sum])]);
  return b.op('Mul', [x, map.transpose(b, b.op('Mul', [s, divisor]), undefined)]);
}
