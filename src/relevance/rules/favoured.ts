import type { GraphBuilder } from '../../graph/index.ts';
import type { LinearMap, Site } from '../../operators/index.ts';
import type { Account, Walk } from '../walk.ts';
import { biasPart, inputPart, weightPart } from './operands.ts';
import type { Rule } from './rule.ts';
import { gamma } from './rules.ts';

/** A generalised γ-rule, as {@link gamma} makes it. */
export interface Favour {
  readonly gamma: number;
  readonly epsilon: number;
}

/** γ and ε of a generalised γ-rule; undefined for other rules. */
export function favourOf({ terms: [first, ...others] }: Rule): Favour | undefined {
  const weight = first?.products[0]?.weight;
  if (typeof weight !== 'object' || weight.gamma < 0 || first.stabiliser.kind !== 'epsilon') return undefined;
  const same = JSON.stringify([first, ...others]) === JSON.stringify(gamma(weight.gamma).terms);
  return same ? { gamma: weight.gamma, epsilon: first.stabiliser.epsilon } : undefined;
}

/**
 * The generalised γ-rule by two products where its terms have four, or eight. The positive part of a contribution c is
 * (c + |c|)/2, the negative one (c − |c|)/2: divided by 1 + γ/2, both terms are one quotient, whose denominator has the sign of z:
 *
 *     κ = γ / (2 + γ),   h_j = κ (Σ_i |x_i w_ij| + |b_j|) + ε / (1 + γ/2)
 *     q_j = R_j / (|z_j| + h_j),   R_i = x_i Σ_j w_ij q_j sign z_j + |x_i| κ Σ_j |w_ij| q_j
 *
 * with sign(0) = 1. Nothing cancels in the denominator.
 */
export function favouredShares(
  b: GraphBuilder,
  site: Site,
  map: LinearMap,
  favour: Favour,
  relevance: string,
  walk: Walk,
  account?: Account,
): string {
  const kappa = favour.gamma / (2 + favour.gamma);
  const epsilon = favour.epsilon / (1 + favour.gamma / 2);
  const [z] = site.node.outputs;
  const x = site.input(map.input);
  const size = inputPart(b, site, map.input, 'absolute', walk)!;
  const weight = weightPart(b, map, 'absolute', kappa)!;

  const rectified = rectifierOf(b, z, relevance);
  const h = kappa === 0 ? b.scalar(epsilon) : map.apply(b, size, weight, offset());
  const q = b.op('Div', [relevance, b.op('Add', [rectified ?? b.op('Abs', [z]), h])]);
  const s = rectified === undefined ? withSignOf(b, z, q) : q;
  if (account) book(account);

  if (kappa === 0) return b.op('Mul', [x, map.transpose(b, s, map.weight)]);
  if (size === x && s === q) return b.op('Mul', [x, map.transpose(b, q, b.op('Add', [map.weight!, weight]))]);
  const [plain, more] = [map.transpose(b, s, map.weight), map.transpose(b, q, weight)];
  return size === x
    ? b.op('Mul', [x, b.op('Add', [plain, more])])
    : b.op('Add', [b.op('Mul', [x, plain]), b.op('Mul', [size, more])]);

  /** What of h does not depend on the input: κ |b_j| + ε'. */
  function offset(): string {
    if (map.bias === undefined) return biasPart(b, site, map, { part: 'none' }, epsilon)!;
    const own = b.op('Mul', [biasPart(b, site, map, { part: 'absolute' })!, b.scalar(kappa)]);
    return b.op('Add', [own, b.scalar(epsilon)]);
  }

  /** R_j = Σ_i R_ij + s_j b_j + q_j κ |b_j| + q_j ε'. */
  function book({ bias, stabiliser }: Account): void {
    if (map.bias !== undefined) {
      const own = map.perOutput(b, map.bias);
      bias.push(b.op('Mul', [s, own]), b.op('Mul', [q, b.op('Mul', [b.op('Abs', [own]), b.scalar(kappa)])]));
    }
    stabiliser.push(b.op('Mul', [q, b.scalar(epsilon)]));
  }
}

/**
 * What a rectifier makes of z where the relevance is a product with that, as rules give it: relevance is zero then wherever z is
 * negative, so that max(0, z) stands for |z| and no sign has to be asked for.
 */
function rectifierOf(b: GraphBuilder, z: string, relevance: string): string | undefined {
  const product = b.producer(relevance);
  if (product?.op !== 'Mul') return undefined;
  return product.inputs.find((value) => {
    const node = b.producer(value);
    return node?.op === 'Relu' && node.inputs[0] === z;
  });
}

/** q · sign z, with sign(0) = 1. */
const withSignOf = (b: GraphBuilder, z: string, q: string): string =>
  b.op('Where', [b.op('Less', [z, b.scalar(0)]), b.op('Neg', [q]), q]);
