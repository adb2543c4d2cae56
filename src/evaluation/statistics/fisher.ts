import { logChoose } from './factorial.ts';

/**
 * Fisher's exact test of two proportions (Fisher 1935): two-sided p-value for `right` of `n` in one sample and in
 * another that shares nothing with it. Adds up all tables with the same margins that are no likelier than this one.
 * Whole numbers.
 */
export function fisher(right1: number, n1: number, right2: number, n2: number): number {
  const right = right1 + right2;
  const observed = Math.exp(logChoose(n1, right1) + logChoose(n2, right2) - logChoose(n1 + n2, right));
  // Tables that are equally likely must count as such whatever rounding did to them.
  const limit = observed * (1 + 1e-7);
  const [least, most] = [Math.max(0, right - n2), Math.min(n1, right)];
  // From the observed table on to both sides: how much likelier the next one is follows from its four numbers.
  let p = observed;
  for (let k = right1, chance = observed; k < most; k++) {
    chance *= ((n1 - k) / (k + 1)) * ((right - k) / (n2 - right + k + 1));
    if (chance <= limit) p += chance;
  }
  for (let k = right1, chance = observed; k > least; k--) {
    chance *= (k / (n1 - k + 1)) * ((n2 - right + k) / (right - k + 1));
    if (chance <= limit) p += chance;
  }
  return Math.min(1, p);
}
