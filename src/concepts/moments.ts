import { t95 } from '../evaluation/statistics/student.ts';

/** Sums of values and of their squares, channel by channel: enough for means with intervals, however many photos. */
export interface ChannelMoments {
  n: number;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
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
  sums: new Float64Array(channels),
  squares: new Float64Array(channels),
});

/** Adds one photo, a value for each channel. */
export function addMoments(moments: ChannelMoments, values: ArrayLike<number>): void {
  const { sums, squares } = moments;
  moments.n++;
  for (let i = 0; i < sums.length; i++) {
    sums[i] += values[i];
    squares[i] += values[i] ** 2;
  }
}

/** A channel's mean over the photos that were added, with its 95 % interval from two photos on. */
export function meanOfChannel({ n, sums, squares }: ChannelMoments, channel: number): MeanEstimate {
  const mean = sums[channel] / n;
  if (n < 2) return { n, mean };
  const variance = Math.max(0, (squares[channel] - n * mean * mean) / (n - 1));
  const half = t95(n - 1) * Math.sqrt(variance / n);
  return { n, mean, low: mean - half, high: mean + half };
}

/** Channels by their mean, the largest first and of equal ones the lower number first. */
export function byMean({ sums }: ChannelMoments): number[] {
  return Array.from(sums.keys()).sort((a, b) => sums[b] - sums[a] || a - b);
}
