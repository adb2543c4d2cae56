import { UMAP } from 'umap-js';
import { randomWords } from '../common/random.ts';
import type { Embedding } from './embedding.ts';
import type { Neighbours } from './neighbours.ts';

/**
 * Rows in two dimensions by UMAP (McInnes et al. 2018), from their nearest neighbours alone; always the same for one
 * seed. A view to look at: distances between groups and their sizes mean little in it.
 */
export async function umapEmbedding(
  { rows, count, indices, distances }: Neighbours,
  seed: number,
  signal?: AbortSignal,
): Promise<Embedding> {
  const draw = randomWords(seed, 'umap');
  const umap = new UMAP({
    nComponents: 2,
    nNeighbors: count + 1,
    random: () => draw() / 2 ** 32,
  });
  // The library counts a row as its own first neighbour.
  const each = (i: number, self: number, others: Int32Array | Float64Array) => [
    self,
    ...others.subarray(i * count, (i + 1) * count),
  ];
  const all = Array.from({ length: rows }, (_, i) => i);
  umap.setPrecomputedKNN(
    all.map((i) => each(i, i, indices)),
    all.map((i) => each(i, 0, distances)),
  );
  // What the rows are it never asks, as their neighbours are known.
  const found = await umap.fitAsync(
    all.map((i) => [i]),
    () => !signal?.aborted,
  );
  signal?.throwIfAborted();
  return { rows, dimensions: 2, data: Float64Array.from(found.flat()) };
}
