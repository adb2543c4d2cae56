import { logChoose } from './factorial.ts';

/**
 * Fisher's exact test of two proportions (Fisher 1935): two-sided p-value for `right` of `n` in one sample and in
 * another that shares nothing with it. Adds up all tables with the same margins that are no likelier than this one.
 * Whole numbers.
 */
export function fisher(right1: number, n1: number, right2: number, n2: number): number {
  const right = right1 + right2;
  const all = logChoose(n1 + n2, right);
  const chance = (k: number) => Math.exp(logChoose(n1, k) + logChoose(n2, right - k) - all);
  // Tables that are equally likely must count as such whatever rounding did to them.
  const limit = chance(right1) * (1 + 1e-7);
  let p = 0;
  for (let k = Math.max(0, right - n2); k <= Math.min(n1, right); k++) {
    const each = chance(k);
    if (each <= limit) p += each;
  }
  return Math.min(1, p);
}
