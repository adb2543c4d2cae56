import { bootstrapMeans, type Clustered, clustered, type Resampling } from '../statistics/bootstrap.ts';
import type { ComparedImages } from './images.ts';

/** Values of some of the images: what an estimate is made from. */
export interface ValueSample {
  readonly n: number;
  readonly mean: number;
  /** Clusters (persons, or images where persons are unknown) that have a value. */
  readonly clusters: number;
  readonly byPerson: boolean;
  readonly column: Clustered;
  /** Means of resampled clusters; all samples of one {@link sampler} see the same draws. */
  readonly resampled: () => Float64Array;
}

/** Values by image to a sample; `resample: false` for one whose resamples nobody will ask for. */
export type Sampler = (values: readonly (number | undefined)[], resample?: boolean) => ValueSample;

/** Makes samples over one set of images. Resamples are drawn when first asked for, for all samples at once. */
export function sampler(
  { cluster, clusters, byPerson }: Pick<ComparedImages, 'cluster' | 'clusters' | 'byPerson'>,
  resampling: Resampling,
): Sampler {
  const means = new Map<Clustered, Float64Array>();
  let waiting: Clustered[] = [];
  return (values, resample = true) => {
    const column = clustered(values, cluster);
    if (resample) waiting.push(column);
    const n = total(column.counts);
    return {
      n,
      mean: total(column.sums) / n,
      clusters: column.clusters.length,
      byPerson,
      column,
      resampled: () => {
        if (!means.has(column)) {
          const drawn = bootstrapMeans(waiting, clusters, resampling);
          waiting.forEach((each, i) => {
            means.set(each, drawn[i]);
          });
          waiting = [];
        }
        return means.get(column)!;
      },
    };
  };
}

const total = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0);

/** Fewer persons than this on one side and resampling them shows too little of what else might have come. */
export const FEW = 10;

/** Whether fewer than {@link FEW} persons had any right, or any wrong, answer. */
export function isLopsided({ column: { sums, counts } }: ValueSample): boolean {
  let [right, wrong] = [0, 0];
  sums.forEach((sum, i) => {
    if (sum > 0) right++;
    if (sum < counts[i]) wrong++;
  });
  return Math.min(right, wrong) < FEW;
}

/**
 * How many independent images a share's images are worth: n over the design effect, the variance over persons divided
 * by the binomial one (Kish 1965; Rao and Scott 1992), at most n. The number of persons where they are too few to tell.
 */
export function effectiveSize(sample: ValueSample): number {
  const { n, mean, clusters, byPerson, column } = sample;
  if (!byPerson) return n;
  if (isLopsided(sample)) return clusters;
  let squares = 0;
  column.sums.forEach((sum, i) => {
    squares += (sum - mean * column.counts[i]) ** 2;
  });
  const variance = ((clusters / (clusters - 1)) * squares) / n ** 2;
  return Math.min(n, Math.max(1, (mean * (1 - mean)) / variance));
}
