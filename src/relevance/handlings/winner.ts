import { cofactor } from '../../gradient/index.ts';
import type { GraphBuilder } from '../../graph/index.ts';
import { operatorOf, type Site } from '../../operators/index.ts';

/**
 * Relevance of a maximum goes to the element that won. Where it comes as y ⊙ t, the winner's value is y itself, and
 * x ⊙ (what t gives to the winners) is the same with the product put off, to be shared with other consumers of x.
 */
export function winnerTakesAll(
  b: GraphBuilder,
  site: Site,
  relevance: string,
  input: number,
): string | undefined {
  const { vjp } = operatorOf(site.node);
  const t = cofactor(b, site.node.outputs[0], relevance);
  if (t === undefined) return vjp(b, site, [relevance], input);
  return b.op('Mul', [site.input(input), vjp(b, site, [t], input)!]);
}
