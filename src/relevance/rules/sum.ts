import type { GraphBuilder } from '../../graph/index.ts';
import { operatorOf, type Role, type Site } from '../../operators/index.ts';
import type { Account, Walk } from '../walk.ts';
import { bookStabiliser } from './account.ts';
import { divide, givenBy } from './divide.ts';
import { guardOf, inputPart } from './operands.ts';
import type { Product, Rule, Term, WeightPart } from './rule.ts';

type Sum = Extract<Role, { kind: 'sum' }>;

/**
 * Shares the relevance of a sum (in its shape) with one of its addends by a rule: every addend has the weight 1, or −1
 * where it is subtracted. What the stabilisers absorb is booked once for all addends.
 */
export function applyToSum(
  b: GraphBuilder,
  site: Site,
  role: Sum,
  rule: Rule,
  relevance: string,
  input: number,
  walk: Walk,
  account?: Account,
): string | undefined {
  const { vjp } = operatorOf(site.node);
  const shares = rule.terms.flatMap((term) => {
    const z = denominator(b, site, role, term, walk);
    const given = givenBy(b, site, term, relevance);
    const s = divide(b, site, given, z, term.stabiliser);
    if (account) bookStabiliser(b, { term, relevance: given, z, s }, account);
    return term.products.flatMap((product) => {
      const x = contribution(b, site, role, product, input, walk);
      const back = x && vjp(b, site, [s], input);
      if (!back) return [];
      const factor = product.sign * term.coefficient;
      const share = b.op('Mul', [x, back]);
      return [factor === 1 ? share : b.op('Mul', [share, b.scalar(factor)])];
    });
  });
  return shares.length === 0 ? undefined : shares.reduce((total, share) => b.op('Add', [total, share]));
}

/** Σ of the products over all addends: the operation itself on what is put in their places. */
function denominator(b: GraphBuilder, site: Site, role: Sum, term: Term, walk: Walk): string {
  const { op, inputs, attributes } = site.node;
  let z: string | undefined;
  for (const product of term.products) {
    const parts = inputs.map((value, i) =>
      isAddend(site, i) ? contribution(b, site, role, product, i, walk) : value,
    );
    if (parts.every((part, i) => part === undefined || !isAddend(site, i))) continue;
    const part = b.op(
      op,
      parts.map((value) => value ?? b.scalar(0)),
      attributes,
    );
    z = z === undefined ? part : b.op(product.sign === 1 ? 'Add' : 'Sub', [z, part]);
  }
  const extra = b.scalar(guardOf(term));
  if (z === undefined) return extra;
  return guardOf(term) === 0 ? z : b.op('Add', [z, extra]);
}

/** Sums over axes take these as a second input, of whole numbers. */
const isAddend = (site: Site, i: number): boolean => site.type(i) === 'float32';

/** What stands in an addend's place for a product, the node's own sign taken out; undefined where it is all zero. */
function contribution(
  b: GraphBuilder,
  site: Site,
  { signs }: Sum,
  { input: part, weight }: Product,
  input: number,
  walk: Walk,
): string | undefined {
  const sign = signs?.[input] ?? 1;
  const factor = changed(sign, weight) / sign;
  const x = factor === 0 ? undefined : inputPart(b, site, input, part, walk);
  return x === undefined || factor === 1 ? x : b.op('Mul', [x, b.scalar(factor)]);
}

/** A part of a weight that is one number. */
function changed(weight: number, part: WeightPart): number {
  switch (part) {
    case 'all':
      return weight;
    case 'positive':
      return Math.max(0, weight);
    case 'negative':
      return Math.min(0, weight);
    case 'absolute':
      return Math.abs(weight);
    case 'squared':
      return weight * weight;
    case 'ones':
      return 1;
    default:
      return weight + part.gamma * changed(weight, part.part);
  }
}
