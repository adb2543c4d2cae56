import { at, build, type NdArray } from '../array.ts';

export interface Lrn {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

/**
 * The Taylor rule across channels. z_ck, what channel c adds to the output of channel k, is x_k (k + a x_k²)^(−β)
 * for c = k and −2 a β x_k x_c² scale_k^(−β−1) for the others of the window. The original takes R_c = Σ_k z_ck R_k;
 * normalised, R_c = Σ_k z_ck R_k / Σ_c' z_c'k.
 */
export function lrnTaylor(x: NdArray, relevance: NdArray, p: Lrn, original: boolean): NdArray {
  const channels = x.shape[1];
  const a = p.alpha / p.size;
  const reach = (p.size - 1) / 2;
  return build(x.shape, ([n, c, ...place]) => {
    const value = (channel: number) => at(x, [n, channel, ...place]);
    const window = (channel: number) =>
      Array.from({ length: channels }, (_, other) => other).filter((o) => Math.abs(o - channel) <= reach);
    const scale = (channel: number) => p.k + a * window(channel).reduce((sum, o) => sum + value(o) ** 2, 0);
    const z = (from: number, to: number) =>
      from === to
        ? value(to) * (p.k + a * value(to) ** 2) ** -p.beta
        : -2 * a * p.beta * value(to) * value(from) ** 2 * scale(to) ** (-p.beta - 1);
    return window(c).reduce((sum, to) => {
      const total = original ? 1 : window(to).reduce((t, from) => t + z(from, to), 0);
      return total === 0 ? sum : sum + (z(c, to) / total) * at(relevance, [n, to, ...place]);
    }, 0);
  });
}
