import type { GraphBuilder } from '../../graph/index.ts';
import type { LinearMap, Site } from '../../operators/index.ts';
import type { Account, Walk } from '../walk.ts';
import { biasPart, guardOf, multiply, weightsOutside } from './operands.ts';
import type { Term } from './rule.ts';

/** One term of a rule as it was applied: z_j, and s_j = R_j / stabilised(z_j). */
export interface AppliedTerm {
  readonly site: Site;
  readonly map: LinearMap;
  readonly term: Term;
  readonly relevance: string;
  readonly z: string;
  readonly s: string;
  readonly walk: Walk;
}

/** Books what of a term's relevance is not passed on: R_j = Σ_i R_ij + s_j·(bias_j + padding_j) + what stabilises. */
export function bookTerm(b: GraphBuilder, applied: AppliedTerm, account: Account): void {
  const { site, map, term, s } = applied;
  const share = weigh(b, s, term);
  const bias = biasPart(b, site, map, term.bias);
  if (bias !== undefined) account.bias.push(b.op('Mul', [share, map.perOutput(b, bias)]));
  const padding = paddingPart(b, applied);
  if (padding !== undefined) account.padding.push(b.op('Mul', [share, padding]));
  bookStabiliser(b, applied, account);
}

/** Books what a term's stabiliser absorbs, once, however many inputs are asked for. */
export function bookStabiliser(
  b: GraphBuilder,
  { term, relevance, z, s }: Pick<AppliedTerm, 'term' | 'relevance' | 'z' | 's'>,
  { stabiliser }: Account,
): void {
  const { kind } = term.stabiliser;
  if (kind === 'none') return;
  const weighed = (value: string) => weigh(b, value, term);
  const absorbed =
    kind === 'guard'
      ? b.op('Mul', [weighed(s), b.scalar(guardOf(term))])
      : b.op('Sub', [weighed(relevance), b.op('Mul', [weighed(s), z])]);
  if (!stabiliser.includes(absorbed)) stabiliser.push(absorbed);
}

const weigh = (b: GraphBuilder, value: string, { coefficient }: Term): string =>
  coefficient === 1 ? value : b.op('Mul', [value, b.scalar(coefficient)]);

/** What of the denominator comes from padding, by output; undefined where nothing does. */
function paddingPart(b: GraphBuilder, { site, map, term, walk }: AppliedTerm): string | undefined {
  let sum: string | undefined;
  for (const product of term.products) {
    const weight = product.padding ?? (term.denominator === 'window' && product.input === 'ones' ? 1 : 0);
    const isZero = multiply(b, site, map, product, undefined, walk) === undefined;
    if (weight === 0 || isZero) continue;
    const outside = weightsOutside(b, site, map, product.weight, walk);
    const part = b.op('Mul', [outside, b.scalar(product.sign * weight)]);
    sum = sum === undefined ? part : b.op('Add', [sum, part]);
  }
  return sum;
}
