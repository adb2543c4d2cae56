import type { Embedding } from './embedding.ts';
import { squaredDistance } from './kmeans.ts';
import { bySize, type Labels } from './labels.ts';

/** What DBSCAN calls dense. */
export interface DbscanOptions {
  /** How near rows are neighbours; {@link usualRadius} unless given. */
  readonly radius?: number | undefined;
  /** Rows, itself among them, that make a row's surroundings dense. */
  readonly least: number;
}

/**
 * DBSCAN (Ester et al. 1996): rows with dense surroundings that are near one another are a cluster, with what is near them;
 * all else is in none. A row at the border of several clusters goes to that of the first of its neighbours.
 */
export function dbscan(embedding: Embedding, { radius, least }: DbscanOptions): Labels {
  const { rows } = embedding;
  const limit = radius ?? usualRadius(embedding, least);
  // Neighbours are looked for anew rather than kept: all of them together may be rows² numbers.
  const near = (row: number) => within(embedding, row, limit);
  const dense = Array.from({ length: rows }, (_, i) => near(i).length >= least);
  const labels = new Int32Array(rows).fill(-1);
  let next = 0;
  for (let first = 0; first < rows; first++) {
    if (!dense[first] || labels[first] >= 0) continue;
    const stack = [first];
    labels[first] = next;
    for (let i = stack.pop(); i !== undefined; i = stack.pop())
      for (const other of near(i))
        if (dense[other] && labels[other] < 0) {
          labels[other] = next;
          stack.push(other);
        }
    next++;
  }
  return bySize(
    labels.map((label, i) => (dense[i] ? label : (labels[near(i).find((other) => dense[other]) ?? i] ?? -1))),
  );
}

function within({ rows, dimensions, data }: Embedding, row: number, radius: number): number[] {
  const found: number[] = [];
  for (let i = 0; i < rows; i++) {
    const square = squaredDistance(data, row * dimensions, data, i * dimensions, dimensions);
    if (square <= radius * radius) found.push(i);
  }
  return found;
}

/** The distance within which 19 of 20 rows have dense surroundings. */
export function usualRadius({ rows, dimensions, data }: Embedding, least: number): number {
  const each = Float64Array.from({ length: rows }, (_, row) => {
    const squares = new Float64Array(rows);
    for (let i = 0; i < rows; i++)
      squares[i] = squaredDistance(data, row * dimensions, data, i * dimensions, dimensions);
    return Math.sqrt(squares.sort()[Math.min(least, rows) - 1]);
  }).sort();
  return each[Math.floor(0.95 * (rows - 1))];
}
