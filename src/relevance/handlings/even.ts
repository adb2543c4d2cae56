import { float32, type GraphBuilder } from '../../graph/index.ts';
import type { LinearMap, Site } from '../../operators/index.ts';
import type { Rule, Term } from '../rules/rule.ts';
import type { Account, Walk } from '../walk.ts';

/** Whether a rule gives every input of a window the same. */
export function isEven(map: LinearMap, { terms: [term, ...others] }: Rule): boolean {
  const [product, ...more] = term.products;
  const even = product.weight === 'ones' || (map.weight === undefined && product.weight === 'squared');
  return (
    even &&
    others.length === 0 &&
    more.length === 0 &&
    product.input === 'ones' &&
    term.coefficient === 1 &&
    term.outputs === undefined &&
    term.bias.part === 'none'
  );
}

/** Equal shares need one channel per group only; through several such layers nothing wider is ever computed. */
export function evenShares(
  b: GraphBuilder,
  site: Site,
  map: LinearMap,
  term: Term,
  relevance: string,
  walk: Walk,
  account?: Account,
): string {
  const narrow = map.groups === 1 ? walk.narrow.get(relevance) : undefined;
  const seen = map.seen();
  const cells = map.fanIn * map.cells;
  const given = narrow === undefined ? relevance : b.op('Mul', [narrow, b.scalar(fanOut(site, map))]);
  const s = b.op('Div', [given, count()]);
  const spread = map.spread(b, s, narrow !== undefined);
  const wide = map.widen(b, spread);
  if (map.groups === 1) walk.narrow.set(wide, spread);
  if (account) book(account);
  return wide;

  /** What relevance is divided by, per output. */
  function count(): string {
    if (term.denominator === 'cells') return b.scalar(map.kind === 'dense' ? map.fanIn : map.cells);
    if (term.denominator === 'window') return b.scalar(cells);
    // An output that sees nothing but padding gives its relevance to nobody.
    return b.constant({ ...seen, data: seen.data.map((n) => Math.max(n, 1)) });
  }

  /** What goes to padding, and what nobody gets where an output sees nothing at all. */
  function book({ padding, stabiliser }: Account): void {
    const isWhole = term.denominator === 'window' || term.denominator === 'cells';
    const outside = seen.data.map((n) => Math.max(0, (isWhole ? cells : 1) - n));
    if (outside.every((n) => n === 0)) return;
    const lost = b.op('Mul', [s, b.constant(float32(seen.shape, outside))]);
    (isWhole ? padding : stabiliser).push(lost);
  }
}

/** Output channels that one input channel gives to. */
function fanOut(site: Site, map: LinearMap): number {
  const output = site.output();
  return map.kind === 'dense' ? Number(output.at(-1)) : Number(output[1]) / map.groups;
}
