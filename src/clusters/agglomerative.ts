import type { Embedding } from './embedding.ts';
import { squaredDistance } from './kmeans.ts';
import { bySize, type Labels } from './labels.ts';

/** Two clusters that become one, by the numbers of a row in each, and how much the sum of squares grows. */
interface Merge {
  readonly first: number;
  readonly second: number;
  readonly cost: number;
}

/**
 * Agglomerative clustering by Ward's criterion (Ward 1963): the two clusters whose union adds least to the squared
 * distances from the means become one, until as many are left as are asked for. Found by chains of nearest neighbours
 * (Murtagh 1983), which needs the time of rows² and no matrix of distances.
 */
export function ward(embedding: Embedding, clusters: number): Labels {
  const merges = chainMerges(embedding).sort((a, b) => a.cost - b.cost);
  const parent = Int32Array.from({ length: embedding.rows }, (_, i) => i);
  const root = (of: number): number => {
    let i = of;
    while (parent[i] !== i) i = parent[i] = parent[parent[i]];
    return i;
  };
  for (const { first, second } of merges.slice(0, Math.max(0, embedding.rows - clusters)))
    parent[root(second)] = root(first);
  return bySize(parent.map((_, i) => root(i)));
}

/** All merges down to one cluster; sorted by their cost they are those of the greedy algorithm. */
function chainMerges({ rows, dimensions, data }: Embedding): Merge[] {
  const means = data.slice();
  const sizes = new Float64Array(rows).fill(1);
  const alive = new Set(Array.from({ length: rows }, (_, i) => i));
  const cost = (a: number, b: number) =>
    ((sizes[a] * sizes[b]) / (sizes[a] + sizes[b])) *
    squaredDistance(means, a * dimensions, means, b * dimensions, dimensions);
  const merges: Merge[] = [];
  let chain: number[] = [];
  while (alive.size > 1) {
    if (chain.length === 0) chain = [alive.values().next().value!];
    const tip = chain.at(-1)!;
    const before = chain.at(-2);
    // Where others are as near, the one before in the chain is taken, or the chain would never end.
    let [nearest, least] = [
      before ?? -1,
      before === undefined ? Number.POSITIVE_INFINITY : cost(tip, before),
    ];
    for (const other of alive) {
      if (other === tip || other === before) continue;
      const each = cost(tip, other);
      if (each < least) [nearest, least] = [other, each];
    }
    if (nearest !== before) {
      chain.push(nearest);
      continue;
    }
    chain.length -= 2;
    merges.push({ first: nearest, second: tip, cost: least });
    const whole = sizes[nearest] + sizes[tip];
    for (let j = 0; j < dimensions; j++) {
      const [a, b] = [nearest * dimensions + j, tip * dimensions + j];
      means[a] = (sizes[nearest] * means[a] + sizes[tip] * means[b]) / whole;
    }
    sizes[nearest] = whole;
    alive.delete(tip);
  }
  return merges;
}
