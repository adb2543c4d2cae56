import type { ScalarMap } from '../image/index.ts';

/**
 * How few pixels hold the relevance: the Gini index of |R| (Chalasani et al. 2020, "Concise Explanations of Neural Networks
 * using Adversarial Training"), 0 where all pixels are alike, near 1 where one has all. 0 for a map of zeros.
 */
export function sparseness({ data }: ScalarMap): number {
  const sorted = Float64Array.from(data, Math.abs).sort();
  const n = sorted.length;
  let [total, weighted] = [0, 0];
  sorted.forEach((value, i) => {
    total += value;
    weighted += (n - i - 0.5) * value;
  });
  return total > 0 ? 1 - (2 * weighted) / (n * total) : 0;
}

/**
 * How spread out the relevance is: the entropy of the shares |R_i| / Σ|R| in nats (Bhatt et al. 2020, "Evaluating and
 * Aggregating Feature-based Model Explanations"), 0 where one pixel has all, ln n where all are alike. NaN for a map of
 * zeros.
 */
export function entropy({ data }: ScalarMap): number {
  let total = 0;
  for (const value of data) total += Math.abs(value);
  if (total === 0) return Number.NaN;
  let sum = 0;
  for (const value of data) {
    const share = Math.abs(value) / total;
    if (share > 0) sum -= share * Math.log(share);
  }
  return sum;
}
