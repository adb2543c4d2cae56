import { drawAt } from '../common/random.ts';
import type { Embedding } from './embedding.ts';
import { bySize, type Labels } from './labels.ts';

/** How k-means begins. */
export interface KmeansOptions {
  /** Beginnings that are tried; the best end is kept. 10 unless given. */
  readonly starts?: number | undefined;
  readonly seed?: number | undefined;
}

/** Rounds after which a beginning that has not come to rest is left as it is. */
const ROUNDS = 300;

/**
 * k-means (Lloyd 1982) from several beginnings by k-means++ (Arthur and Vassilvitskii 2007); of their ends the one with the
 * least sum of squared distances to the means. Always the same for one seed. Of means that are equally near the first is
 * taken. Where there are fewer different rows than clusters, some clusters have none and are left out.
 *
 * @example
 * ```ts
 * import { kmeans } from 'limn/clusters';
 *
 * const points = { rows: 4, dimensions: 1, data: Float64Array.of(0, 0.1, 5, 5.1) };
 * console.log(kmeans(points, 2, { seed: 1 }));
 * ```
 */
export function kmeans(embedding: Embedding, clusters: number, options: KmeansOptions = {}): Labels {
  const { starts = 10, seed = 1 } = options;
  let best: { labels: Labels; inertia: number } | undefined;
  for (let start = 0; start < starts; start++) {
    const end = lloyd(embedding, beginning(embedding, clusters, seed, start));
    if (!best || end.inertia < best.inertia) best = end;
  }
  return bySize(best!.labels);
}

/** k-means++: each next mean is a row drawn with a chance in proportion to its squared distance to the nearest so far. */
function beginning(embedding: Embedding, clusters: number, seed: number, start: number): Float64Array {
  const { rows, dimensions, data } = embedding;
  const means = new Float64Array(clusters * dimensions);
  const nearest = new Float64Array(rows).fill(1);
  const random = new Uint32Array(4);
  for (let k = 0; k < clusters; k++) {
    drawAt(seed, `kmeans ${start}`, k, random);
    const row = drawn(nearest, random[0] / 2 ** 32);
    means.set(data.subarray(row * dimensions, (row + 1) * dimensions), k * dimensions);
    for (let i = 0; i < rows; i++) {
      const square = squaredDistance(data, i * dimensions, means, k * dimensions, dimensions);
      nearest[i] = k === 0 ? square : Math.min(nearest[i], square);
    }
  }
  return means;
}

/** A place, drawn in proportion to its weight. */
function drawn(weights: Float64Array, at: number): number {
  let left = at * weights.reduce((sum, weight) => sum + weight, 0);
  for (let i = 0; i < weights.length; i++) {
    left -= weights[i];
    if (left < 0) return i;
  }
  return weights.length - 1;
}

function lloyd({ rows, dimensions, data }: Embedding, means: Float64Array) {
  const clusters = means.length / dimensions;
  const labels = new Int32Array(rows).fill(-1);
  let inertia = 0;
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    inertia = 0;
    for (let i = 0; i < rows; i++) {
      let [own, least] = [0, Number.POSITIVE_INFINITY];
      for (let k = 0; k < clusters; k++) {
        const square = squaredDistance(data, i * dimensions, means, k * dimensions, dimensions);
        if (square < least) [own, least] = [k, square];
      }
      inertia += least;
      if (labels[i] !== own) moved = true;
      labels[i] = own;
    }
    if (!moved) break;
    const counts = new Float64Array(clusters);
    const sums = new Float64Array(means.length);
    for (let i = 0; i < rows; i++) {
      counts[labels[i]]++;
      for (let j = 0; j < dimensions; j++) sums[labels[i] * dimensions + j] += data[i * dimensions + j];
    }
    // A mean that lost all its rows stays where it is.
    for (let at = 0; at < means.length; at++) {
      const count = counts[Math.floor(at / dimensions)];
      if (count > 0) means[at] = sums[at] / count;
    }
  }
  return { labels, inertia };
}

export function squaredDistance(
  a: Float64Array,
  from: number,
  b: Float64Array,
  to: number,
  length: number,
): number {
  let sum = 0;
  for (let j = 0; j < length; j++) sum += (a[from + j] - b[to + j]) ** 2;
  return sum;
}
