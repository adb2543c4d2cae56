import type { GraphBuilder } from '../../graph/index.ts';
import { operatorOf, type Site } from '../../operators/index.ts';
import type { Account } from '../walk.ts';

/**
 * Softmax s of x by its Taylor expansion at x (Achtibat et al. 2024, Prop. 3.1): R_i = x_i (R_i − s_i Σ_j R_j), which is
 * x ⊙ the VJP of R / s. What the expansion has beside its linear part is a bias, which keeps R_j (1 − x_j + Σ_i s_i x_i).
 * What a mask has taken out, where s is 0, neither gets nor gives.
 */
export function softmaxTaylor(b: GraphBuilder, site: Site, relevance: string, account?: Account): string {
  const [s] = site.node.outputs;
  const isThere = b.op('Greater', [s, b.scalar(0)]);
  const x = b.op('Where', [isThere, site.input(0), b.scalar(0)]);
  const given = b.op('Where', [isThere, b.op('Div', [relevance, s]), b.scalar(0)]);
  const back = operatorOf(site.node).vjp(b, site, [given], 0)!;
  if (account) {
    const mean = operatorOf(site.node).vjp(b, site, [x], 0)!;
    // s_j (x_j − Σ_i s_i x_i) is the VJP of x: the linear part's sum.
    account.bias.push(b.op('Sub', [relevance, b.op('Mul', [given, mean])]));
  }
  return b.op('Mul', [x, back]);
}
