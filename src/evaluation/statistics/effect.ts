import { clopperPearson } from './clopper.ts';
import { type Interval, Z95 } from './interval.ts';
import { wilson } from './wilson.ts';

/** Cohen's h (Cohen 1988, section 6.2): the distance of two proportions; 0.2 is called small, 0.5 medium, 0.8 large. */
export const cohensH = (first: number, second: number): number =>
  2 * Math.asin(Math.sqrt(first)) - 2 * Math.asin(Math.sqrt(second));

/** A ratio and its interval, without the sides that are infinite. */
export interface Ratio {
  readonly value?: number;
  readonly low: number;
  readonly high?: number;
}

/**
 * How many times as often just the first model was right as just the second: the odds ratio of matched pairs. Its
 * interval is exact, as McNemar's test beside it is: it follows from Clopper and Pearson's for the first's share. Undefined where no image sets the two apart.
 */
export function discordantOdds(onlyFirst: number, onlySecond: number): Ratio | undefined {
  const n = onlyFirst + onlySecond;
  if (n === 0) return undefined;
  const { low, high } = clopperPearson(onlyFirst, n);
  return {
    ...(onlySecond > 0 && { value: onlyFirst / onlySecond }),
    low: low / (1 - low),
    ...(high < 1 && { high: high / (1 - high) }),
  };
}

/**
 * Interval for the difference of two proportions of the same n images, from the images that only the first and only
 * the second got right: Bonett and Price 2012, "Adjusted Wald confidence interval for a difference of binomial
 * proportions based on paired data". Does not shrink to a point where no image sets the two apart.
 */
export function pairedDifference(onlyFirst: number, onlySecond: number, n: number): Interval {
  const first = (onlyFirst + 1) / (n + 2);
  const second = (onlySecond + 1) / (n + 2);
  const half = Z95 * Math.sqrt((first + second - (first - second) ** 2) / (n + 2));
  return { low: Math.max(-1, first - second - half), high: Math.min(1, first - second + half) };
}

/**
 * Interval for the difference of the proportions of two samples that share nothing: Newcombe 1998, "Interval
 * estimation for the difference between independent proportions", method 10, from both Wilson intervals.
 */
export function newcombe(right1: number, n1: number, right2: number, n2: number): Interval {
  const [p1, p2] = [right1 / n1, right2 / n2];
  const [first, second] = [wilson(right1, n1), wilson(right2, n2)];
  return {
    low: p1 - p2 - Math.hypot(p1 - first.low, second.high - p2),
    high: p1 - p2 + Math.hypot(first.high - p1, p2 - second.low),
  };
}
