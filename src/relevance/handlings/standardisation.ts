import type { GraphBuilder } from '../../graph/index.ts';
import type { FixedScale, Site } from '../../operators/index.ts';
import type { Account } from '../walk.ts';
import { quotient } from './proportional.ts';

/** The usual stabiliser of such quotients (Zennit's). */
const epsilon = 1e-6;

/**
 * Layer normalisation and its like, where what they divide by is taken for a constant: by the ε-rule, as the affine
 * operation that they then are. Dividing itself passes relevance unchanged (Achtibat et al. 2024, Prop. 3.2); taking
 * off the mean, scale and bias share it (Ali et al. 2022, LN-rule).
 */
export function fixedScale(
  b: GraphBuilder,
  site: Site,
  { transpose, bias }: FixedScale,
  relevance: string,
  account?: Account,
): string {
  const s = quotient(b, relevance, site.node.outputs[0], epsilon, account);
  if (account && bias !== undefined) account.bias.push(b.op('Mul', [s, bias]));
  return b.op('Mul', [site.input(0), transpose(s)]);
}
