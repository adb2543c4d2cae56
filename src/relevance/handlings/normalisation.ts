import type { GraphBuilder } from '../../graph/index.ts';
import { lrnParameters, lrnScale, lrnWindow, powerOf, type Site } from '../../operators/index.ts';
import type { Account } from '../walk.ts';
import { quotient } from './proportional.ts';

/**
 * The Taylor rule for local response normalisation (Binder et al. 2016, "Layer-wise relevance propagation for neural
 * networks with local renormalization layers"). y_k is expanded around the input that has only x_k:
 *
 *     z_kk = x_k (k + a x_k²)^(−β),   z_ck = −2 a β x_k x_c² scale_k^(−β−1)  for the other channels c of k's window
 *     R_c = Σ_k z_ck · s_k
 *
 * Normalised, s_k = R_k / Σ_c z_ck, and relevance is conserved. The original code takes s_k = R_k, so that relevance
 * is multiplied by activations (`asOriginal`).
 */
export function lrnTaylor(
  b: GraphBuilder,
  site: Site,
  relevance: string,
  asOriginal: boolean,
  account?: Account,
): string {
  const { alpha, beta, size, k } = lrnParameters(site);
  const x = site.input(0);
  const a = alpha / size;
  const square = b.op('Mul', [x, x]);
  const alone = b.op('Add', [b.op('Mul', [square, b.scalar(a)]), b.scalar(k)]);
  const own = b.op('Div', [x, powerOf(b, alone, beta)]);
  const steep = b.op('Div', [x, powerOf(b, lrnScale(b, site), beta + 1)]);
  let s = relevance;
  if (!asOriginal) {
    const neighbours = lrnWindow(b, site, square, 2 * a * beta, { others: true });
    const z = b.op('Sub', [own, b.op('Mul', [steep, neighbours])]);
    s = quotient(b, relevance, z, 1e-12, account);
  }
  const given = lrnWindow(b, site, b.op('Mul', [s, steep]), 2 * a * beta, { others: true, transposed: true });
  return b.op('Sub', [b.op('Mul', [s, own]), b.op('Mul', [square, given])]);
}
