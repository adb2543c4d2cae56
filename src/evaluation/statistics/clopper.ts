import { logChoose } from './factorial.ts';
import type { Interval } from './interval.ts';

/**
 * Clopper and Pearson's exact 95 % interval for a proportion (Clopper and Pearson 1934): it ends where the binomial test
 * would just reject at 2.5 % on either side, so that it leaves out ½ only where the exact two-sided test of ½ is below 5 %.
 * Whole numbers, n above 0.
 */
export function clopperPearson(successes: number, n: number): Interval {
  return {
    low: successes === 0 ? 0 : crossing((p) => atLeast(successes, n, p) - 0.025),
    high: successes === n ? 1 : crossing((p) => 0.025 - atMost(successes, n, p)),
  };
}

/** Where a rising function between 0 and 1 passes zero, by halving. */
function crossing(f: (p: number) => number): number {
  let [low, high] = [0, 1];
  for (let i = 0; i < 60; i++) {
    const middle = (low + high) / 2;
    if (f(middle) < 0) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

const atMost = (k: number, n: number, p: number): number => atLeast(n - k, n, 1 - p);

/** P(X ≥ k) of n trials, the smaller tail added up from its largest term. */
function atLeast(k: number, n: number, p: number): number {
  if (k > n * p) return tail(k, n, p);
  return k === 0 ? 1 : 1 - tail(n - k + 1, n, 1 - p);
}

function tail(k: number, n: number, p: number): number {
  let term = Math.exp(logChoose(n, k) + k * Math.log(p) + (n - k) * Math.log1p(-p));
  let sum = 0;
  for (let i = k; i <= n && term > sum * 1e-17; i++) {
    sum += term;
    term *= ((n - i) / (i + 1)) * (p / (1 - p));
  }
  return sum;
}
