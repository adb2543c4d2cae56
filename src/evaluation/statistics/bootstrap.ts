import { philox } from '../../common/random.ts';
import type { Interval } from './interval.ts';

/** Values to be averaged, added up by cluster (person); clusters without a value are left out. */
export interface Clustered {
  readonly clusters: Int32Array;
  readonly sums: Float64Array;
  readonly counts: Float64Array;
}

/** Adds up values by cluster; an undefined value does not take part. */
export function clustered(values: readonly (number | undefined)[], cluster: ArrayLike<number>): Clustered {
  const places = new Map<number, number>();
  const sums: number[] = [];
  const counts: number[] = [];
  values.forEach((value, i) => {
    if (value === undefined) return;
    let place = places.get(cluster[i]);
    if (place === undefined) {
      place = places.size;
      places.set(cluster[i], place);
      sums.push(0);
      counts.push(0);
    }
    sums[place] += value;
    counts[place] += 1;
  });
  return {
    clusters: Int32Array.from(places.keys()),
    sums: Float64Array.from(sums),
    counts: Float64Array.from(counts),
  };
}

/** How a bootstrap is drawn. */
export interface Resampling {
  readonly resamples: number;
  readonly seed: number;
}

/**
 * Bootstrap of means over whole clusters (Davison and Hinkley 1997, section 3.8): `resamples` times draws as many of
 * `clusters` clusters as there are, with replacement, and takes each column's mean over the images drawn. All columns
 * see the same draws, so that differences of two rows of the answer are resampled differences. NaN where a draw holds
 * none of a column's clusters.
 */
export function bootstrapMeans(
  columns: readonly Clustered[],
  clusters: number,
  { resamples, seed }: Resampling,
): Float64Array[] {
  const means = columns.map(() => new Float64Array(resamples));
  const key = Uint32Array.of(seed % 2 ** 32, Math.floor(seed / 2 ** 32));
  const random = new Uint32Array(4);
  const drawn = new Float64Array(clusters);
  for (let r = 0; r < resamples; r++) {
    drawn.fill(0);
    for (let i = 0; i < clusters; i++) {
      if (i % 4 === 0) philox(Uint32Array.of(i / 4, 0, r, 0), key, random);
      drawn[Math.floor((random[i % 4] / 2 ** 32) * clusters)] += 1;
    }
    columns.forEach((column, c) => {
      means[c][r] = meanOf(column, drawn);
    });
  }
  return means;
}

/** The mean over clusters that count so many times. */
function meanOf({ clusters, sums, counts }: Clustered, times: Float64Array): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i < clusters.length; i++) {
    const weight = times[clusters[i]];
    sum += weight * sums[i];
    count += weight * counts[i];
  }
  return sum / count;
}

/** The percentile interval of resampled numbers (linear between neighbours), undefined for fewer than 2; NaNs are left out. */
export function percentileInterval(resampled: Float64Array): Interval | undefined {
  const sorted = resampled.filter((value) => !Number.isNaN(value)).sort();
  if (sorted.length < 2) return undefined;
  const at = (fraction: number): number => {
    const place = fraction * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  };
  return { low: at(0.025), high: at(0.975) };
}
