import type { GraphBuilder } from '../graph/index.ts';
import type { LinearMap, Site } from '../operators/index.ts';
import { biasPart, inputPart, multiply, weightPart } from './operands.ts';
import type { Rule, Stabiliser, Term } from './rule.ts';
import type { Account, Walk } from './walk.ts';

/** Keeps R/z finite where z is exactly zero; far below anything that a network computes. */
const guard = 1e-30;

/** Shares the relevance of a linear operation's output (in its shape) among its inputs by a rule. */
export function applyRule(
  b: GraphBuilder,
  site: Site,
  map: LinearMap,
  rule: Rule,
  relevance: string,
  walk: Walk,
  account?: Account,
): string {
  const parts = new Map<string, string>();
  for (const term of rule.terms) {
    if (isEven(map, term)) return evenShares(b, site, map, term, relevance, walk);
    const given = term.outputs === undefined ? relevance : ofSign(b, site, term.outputs, relevance);
    const s = share(b, site, map, term, given, walk, account);
    for (const product of term.products) {
      const x = inputPart(b, site, map, product.input, walk);
      if (x === undefined) continue;
      const factor = product.sign * term.coefficient;
      // Convolutions fold the factor into weights that are rearranged anyway; others keep one copy of the weights.
      const folded = map.kind === 'convolution' ? factor : 1;
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
  const guarded = term.stabiliser.kind === 'guard' ? term.stabiliser.sign * guard : 0;
  const bias = biasPart(b, site, map, term.bias, guarded);
  const z = denominator(b, site, map, term, bias, walk);
  const s = divide(b, relevance, z, term.stabiliser);
  if (account) {
    const weighted = term.coefficient === 1 ? s : b.op('Mul', [s, b.scalar(term.coefficient)]);
    if (bias !== undefined) account.bias.push(b.op('Mul', [weighted, map.perOutput(b, bias)]));
    if (term.stabiliser.kind !== 'guard' && term.stabiliser.kind !== 'none') {
      const given = term.coefficient === 1 ? relevance : b.op('Mul', [relevance, b.scalar(term.coefficient)]);
      account.stabiliser.push(b.op('Sub', [given, b.op('Mul', [weighted, z])]));
    }
  }
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
  return z ?? b.scalar(term.stabiliser.kind === 'guard' ? term.stabiliser.sign * guard : 0);
}

function divide(b: GraphBuilder, relevance: string, z: string, stabiliser: Stabiliser): string {
  switch (stabiliser.kind) {
    case 'guard':
    case 'none':
      return b.op('Div', [relevance, z]);
    case 'threshold': {
      const large = b.op('Greater', [b.op('Abs', [z]), b.scalar(stabiliser.threshold)]);
      return b.op('Div', [relevance, b.op('Where', [large, z, b.scalar(1)])]);
    }
    case 'epsilon': {
      const negative = b.op('Less', [z, b.scalar(0)]);
      const shift = b.op('Where', [negative, b.scalar(-stabiliser.epsilon), b.scalar(stabiliser.epsilon)]);
      const stable = b.op('Add', [z, shift]);
      if (stabiliser.zero !== 'pass') return b.op('Div', [relevance, stable]);
      const isZero = b.op('Equal', [z, b.scalar(0)]);
      return b.op('Div', [relevance, b.op('Where', [isZero, b.scalar(1), stable])]);
    }
  }
}

function ofSign(b: GraphBuilder, site: Site, sign: 'positive' | 'negative', relevance: string): string {
  const y = site.node.outputs[0];
  const negative = b.op('Less', [y, b.scalar(0)]);
  return sign === 'negative'
    ? b.op('Where', [negative, relevance, b.scalar(0)])
    : b.op('Where', [negative, b.scalar(0), relevance]);
}

/** Whether a term gives every input of a window the same. */
function isEven(map: LinearMap, term: Term): boolean {
  const [only, ...others] = term.products;
  const even = only.weight === 'ones' || (map.weight === undefined && only.weight === 'squared');
  return others.length === 0 && only.input === 'ones' && even && term.bias.part === 'none';
}

/** Equal shares need one channel per group only; through several such layers nothing wider is ever computed. */
function evenShares(
  b: GraphBuilder,
  site: Site,
  map: LinearMap,
  term: Term,
  relevance: string,
  walk: Walk,
): string {
  const narrow = map.groups === 1 ? walk.narrow.get(relevance) : undefined;
  const outputs = site.output()[1] as number;
  const fanOut = b.scalar(map.kind === 'dense' ? (site.output().at(-1) as number) : outputs / map.groups);
  const count =
    term.denominator === 'cells'
      ? b.scalar(map.kind === 'dense' ? map.fanIn : map.cells)
      : term.denominator === 'window'
        ? b.scalar(map.fanIn * map.cells)
        : b.constant(map.seen());
  const whole = narrow === undefined ? relevance : b.op('Mul', [narrow, fanOut]);
  const spread = map.spread(b, b.op('Div', [whole, count]), narrow !== undefined);
  const wide = map.widen(b, spread);
  if (map.groups === 1) walk.narrow.set(wide, spread);
  return wide;
}

/**
 * Where a rule has computed both the positive and the negative part of a convolution on a non-negative input, their
 * sum is the convolution: the forward pass need not run it a third time.
 */
function shareForward(b: GraphBuilder, site: Site, map: LinearMap, rule: Rule, walk: Walk): void {
  const both = rule.terms.length === 2 && rule.terms.every((term) => term.stabiliser.kind === 'guard');
  const ownBias =
    map.bias === undefined || map.groups === 1 || rule.terms.every((term) => term.bias.groups !== 'first');
  if (!both || !ownBias || map.kind !== 'convolution' || !walk.nonNegative.has(site.input(map.input))) return;
  const [positive, negative] = rule.terms.map((term) => {
    const sign = term.stabiliser.kind === 'guard' ? term.stabiliser.sign : 1;
    const bias = biasPart(b, site, map, term.bias, sign * guard);
    return multiply(b, site, map, term.products[0], bias, walk)!;
  });
  const output = site.node.outputs[0];
  if (b.producer(output)?.op === 'Conv') b.replace(output, () => b.op('Add', [positive, negative]));
}
