import { type Interval, Z95 } from './interval.ts';

/**
 * Wilson's score interval for a proportion (Wilson 1927, "Probable inference, the law of succession, and statistical
 * inference"; without continuity correction). Unlike p ± z·sd it never leaves 0…1 and does not shrink to a point where
 * all, or none, are right. `n` above 0; both may be fractions, as effective sample sizes are.
 */
export function wilson(successes: number, n: number): Interval {
  const p = successes / n;
  const z2 = Z95 * Z95;
  const centre = p + z2 / (2 * n);
  const half = Z95 * Math.sqrt((p * (1 - p)) / n + z2 / (4 * n * n));
  const whole = 1 + z2 / n;
  return {
    // At the ends the formula gives exactly 0 and 1, rounding does not.
    low: successes <= 0 ? 0 : (centre - half) / whole,
    high: successes >= n ? 1 : (centre + half) / whole,
  };
}
