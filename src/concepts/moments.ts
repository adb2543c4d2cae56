import {
  addExact,
  type ExactSums,
  exactSums,
  exactTotal,
  exactTotals,
  mergeExact,
} from '../common/exactsum.ts';
import { t95 } from '../evaluation/statistics/student.ts';

/**
 * Sums of values and of their squares, channel by channel: enough for means with intervals, however many photos. They are exact, so
 * that neither the photos' order nor how they were divided matters.
 */
export interface ChannelMoments {
  n: number;
  readonly sums: ExactSums;
  readonly squares: ExactSums;
}

/** A mean over photos with its 95 % interval by Student's t, which one photo alone has not. */
export interface MeanEstimate {
  readonly n: number;
  readonly mean: number;
  readonly low?: number;
  readonly high?: number;
}

/** Moments of so many channels over no photos. */
export const noMoments = (channels: number): ChannelMoments => ({
  n: 0,
  sums: exactSums(channels),
  squares: exactSums(channels),
});

/** Adds one photo, a value for each channel. */
export function addMoments(moments: ChannelMoments, values: ArrayLike<number>): void {
  const { sums, squares } = moments;
  moments.n++;
  addExact(sums, values);
  addExact(
    squares,
    Float64Array.from(values, (value) => value ** 2),
  );
}

/** Adds what other photos came to. */
export function mergeMoments(moments: ChannelMoments, other: ChannelMoments): void {
  moments.n += other.n;
  mergeExact(moments.sums, other.sums);
  mergeExact(moments.squares, other.squares);
}

/** A channel's sum. */
export const sumOfChannel = ({ sums }: ChannelMoments, channel: number): number =>
  exactTotal(sums, channel).high;

/** The sums of all channels. */
export const sumsOfChannels = ({ sums }: ChannelMoments): number[] =>
  exactTotals(sums).map(({ high }) => high);

/** A channel's mean over the photos that were added, with its 95 % interval from two photos on. */
export function meanOfChannel(moments: ChannelMoments, channel: number): MeanEstimate {
  const { n, squares } = moments;
  const mean = sumOfChannel(moments, channel) / n;
  if (n < 2) return { n, mean };
  const variance = Math.max(0, (exactTotal(squares, channel).high - n * mean * mean) / (n - 1));
  const half = t95(n - 1) * Math.sqrt(variance / n);
  return { n, mean, low: mean - half, high: mean + half };
}

/** Channels by their mean, the largest first and of equal ones the lower number first. */
export function byMean(moments: ChannelMoments): number[] {
  const sums = sumsOfChannels(moments);
  return Array.from(sums.keys()).sort((a, b) => sums[b] - sums[a] || a - b);
}
