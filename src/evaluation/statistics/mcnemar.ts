import { logChoose } from './factorial.ts';

/**
 * McNemar's test in its exact form (McNemar 1947; the binomial test of the discordant pairs): two-sided p-value of the
 * hypothesis that an image which just one of two models gets right is as likely the one's as the other's.
 * `onlyFirst` and `onlySecond` count those images. Not the mid-p variant: this one never claims too much.
 */
export function mcnemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  const least = Math.min(onlyFirst, onlySecond);
  let term = Math.exp(logChoose(n, least) - n * Math.LN2);
  let tail = 0;
  for (let k = least; k >= 0 && term > 0; k--) {
    tail += term;
    term *= k / (n - k + 1);
  }
  return Math.min(1, 2 * tail);
}
