import { type GraphBuilder, type Shape, size } from '../../graph/index.ts';
import { type LinearMap, type Site, withWeights } from '../../operators/index.ts';
import { evenShares, isEven } from '../handlings/even.ts';
import type { Account, Walk } from '../walk.ts';
import { bookTerm } from './account.ts';
import { divide, givenBy } from './divide.ts';
import { favouredShares, favourOf } from './favoured.ts';
import { biasPart, guardOf, inputPart, multiply, weightPart } from './operands.ts';
import type { Rule, Term } from './rule.ts';

/** Shares the relevance of a linear operation's output (in its shape) among its inputs by a rule. */
export function applyRule(
  b: GraphBuilder,
  site: Site,
  given: LinearMap,
  rule: Rule,
  relevance: string,
  walk: Walk,
  account?: Account,
): string {
  const map = withWeights(b, given);
  if (isEven(map, rule)) return evenShares(b, site, map, rule.terms[0], relevance, walk, account);
  const favour = map.weight === undefined ? undefined : favourOf(rule);
  if (favour !== undefined) return favouredShares(b, site, map, favour, relevance, walk, account);
  const parts = new Map<string, string>();
  for (const term of rule.terms) {
    const given = givenBy(b, site, term, relevance);
    const s = share(b, site, map, term, given, walk, account);
    for (const product of term.products) {
      const x = inputPart(b, site, map.input, product.input, walk);
      if (x === undefined) continue;
      const factor = product.sign * term.coefficient;
      const folded = foldsFactor(site, map) ? factor : 1;
      const w = weightPart(b, map, product.weight, folded);
      if (w === undefined && product.weight === 'negative') continue;
      const scaled = folded === factor ? s : b.op('Mul', [s, b.scalar(factor)]);
      const back = map.transpose(b, scaled, w);
      const other = parts.get(product.input === 'ones' ? '' : x);
      parts.set(product.input === 'ones' ? '' : x, other === undefined ? back : b.op('Add', [other, back]));
    }
  }
  shareForward(b, site, map, rule, walk);
  const shares = [...parts].map(([x, back]) => (x === '' ? back : b.op('Mul', [x, back])));
  return shares.reduce((sum, part) => b.op('Add', [sum, part]));
}

/**
 * Whether a factor goes into the weights, once, when the graph is loaded, rather than into every image's s: where
 * the weights are the smaller of the two. Large ones would double the memory that loading takes.
 */
function foldsFactor(site: Site, map: LinearMap): boolean {
  const count = (shape: Shape) => size(shape.filter((dim) => typeof dim === 'number'));
  const weights = map.weight === undefined ? undefined : site.known.shapes.get(map.weight);
  return map.kind === 'convolution' && weights !== undefined && count(weights) <= count(site.output());
}

/** s_j = R_j / stabilised(z_j). */
function share(
  b: GraphBuilder,
  site: Site,
  map: LinearMap,
  term: Term,
  relevance: string,
  walk: Walk,
  account?: Account,
): string {
  const bias = biasPart(b, site, map, term.bias, guardOf(term));
  const z = denominator(b, site, map, term, bias, walk);
  const s = divide(b, site, relevance, z, term.stabiliser);
  if (account) bookTerm(b, { site, map, term, relevance, z, s, walk }, account);
  return s;
}

function denominator(
  b: GraphBuilder,
  site: Site,
  map: LinearMap,
  term: Term,
  bias: string | undefined,
  walk: Walk,
): string {
  if (term.denominator === 'window') {
    const sums = term.products.map((product) => map.windowSum(b, weightPart(b, map, product.weight)));
    const window = sums.reduce((sum, part) => b.op('Add', [sum, part]));
    return bias === undefined ? window : b.op('Add', [window, map.perOutput(b, bias)]);
  }
  let z: string | undefined;
  for (const product of term.products) {
    // The bias rides on the first product: one pass over the output less, and ε-rules find the forward value.
    const part = multiply(b, site, map, product, z === undefined ? bias : undefined, walk);
    if (part === undefined) continue;
    z = z === undefined ? part : b.op(product.sign === 1 ? 'Add' : 'Sub', [z, part]);
  }
  return z ?? b.scalar(guardOf(term));
}

/**
 * Where a rule has computed both the positive and the negative part of a convolution on a non-negative input, their
 * sum is the convolution: the forward pass need not run it a third time.
 */
function shareForward(b: GraphBuilder, site: Site, map: LinearMap, rule: Rule, walk: Walk): void {
  if (map.kind !== 'convolution' || !walk.nonNegative.has(site.input(map.input))) return;
  const parts = rule.terms.map((term) => {
    const [{ input, weight, padding }] = term.products;
    const whole =
      (term.denominator ?? 'products') === 'products' &&
      !padding &&
      input === 'positive' &&
      term.bias.part === weight;
    const ownBias = map.bias === undefined || map.groups === 1 || term.bias.groups !== 'first';
    return whole && ownBias && term.stabiliser.kind === 'guard' ? weight : undefined;
  });
  if (parts.join() !== 'positive,negative') return;
  const [positive, negative] = rule.terms.map((term) => {
    const bias = biasPart(b, site, map, term.bias, guardOf(term));
    return multiply(b, site, map, term.products[0], bias, walk)!;
  });
  const output = site.node.outputs[0];
  // Where it still runs as itself.
  if (b.producer(output)?.op === site.node.op) b.replace(output, () => b.op('Add', [positive, negative]));
}
