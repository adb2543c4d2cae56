import type { ExactMoments } from '../common/exactmoments.ts';
import { exactTotal, exactTotals } from '../common/exactsum.ts';
import { t95 } from '../evaluation/statistics/student.ts';

/** A mean over photos with its 95 % interval by Student's t, which one photo alone has not. */
export interface MeanEstimate {
  readonly n: number;
  readonly mean: number;
  readonly low?: number;
  readonly high?: number;
}

/** A channel's sum. */
export const sumOfChannel = ({ sums }: ExactMoments, channel: number): number =>
  exactTotal(sums, channel).high;

/** The sums of all channels. */
export const sumsOfChannels = ({ sums }: ExactMoments): number[] => exactTotals(sums).map(({ high }) => high);

/** A channel's mean over the photos that were added, with its 95 % interval from two photos on. */
export function meanOfChannel(moments: ExactMoments, channel: number): MeanEstimate {
  const { n, squares } = moments;
  const mean = sumOfChannel(moments, channel) / n;
  if (n < 2) return { n, mean };
  const variance = Math.max(0, (exactTotal(squares, channel).high - n * mean * mean) / (n - 1));
  const half = t95(n - 1) * Math.sqrt(variance / n);
  return { n, mean, low: mean - half, high: mean + half };
}

/** Channels by their mean, the largest first and of equal ones the lower number first. */
export function byMean(moments: ExactMoments): number[] {
  const sums = sumsOfChannels(moments);
  return Array.from(sums.keys()).sort((a, b) => sums[b] - sums[a] || a - b);
}
