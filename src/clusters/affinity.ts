import type { SymmetricOperator } from './eigen.ts';
import { bySize, type Labels } from './labels.ts';
import type { Neighbours } from './neighbours.ts';
import type { AffinityWeights } from './options.ts';

/** e to the minus this is the least weight: far below all that counts, far above what float64 cannot hold. */
const MOST_POWER = 60;

/** A symmetric matrix with few entries that are not 0, row after row. */
export interface SparseMatrix {
  readonly size: number;
  /** Where each row's entries begin, and where the last ends. */
  readonly starts: Int32Array;
  readonly columns: Int32Array;
  readonly values: Float64Array;
}

/**
 * How alike rows are: the symmetric part ½ (A + Aᵀ) of the graph of nearest neighbours A (von Luxburg 2007, section 2.2).
 * - `local`: A is exp(−d² / σᵢσⱼ), σ a row's distance to the last of its neighbours (Zelnik-Manor and Perona 2004): rows
 *   of a dense group are far from one outside of it that has them for neighbours because it has no nearer ones.
 * - `equal`: A is 1, as scikit-learn's `nearest_neighbors`.
 */
export function neighbourAffinity(
  { rows, count, indices, distances }: Neighbours,
  weights: AffinityWeights = 'local',
): SparseMatrix {
  const entries = Array.from({ length: rows }, () => new Map<number, number>());
  const add = (i: number, j: number, weight: number) => entries[i].set(j, (entries[i].get(j) ?? 0) + weight);
  const scale = (row: number) => distances[row * count + count - 1];
  indices.forEach((other, at) => {
    const row = Math.floor(at / count);
    // Far enough apart they count as next to nothing, but never as nothing: every row keeps its neighbours.
    const power = distances[at] === 0 ? 0 : distances[at] ** 2 / (scale(row) * scale(other));
    const weight = weights === 'equal' ? 0.5 : 0.5 * Math.exp(-Math.min(MOST_POWER, power));
    add(row, other, weight);
    add(other, row, weight);
  });
  const starts = new Int32Array(rows + 1);
  entries.forEach(({ size }, i) => {
    starts[i + 1] = starts[i] + size;
  });
  const columns = new Int32Array(starts[rows]);
  const values = new Float64Array(starts[rows]);
  entries.forEach((row, i) => {
    [...row]
      .sort(([a], [b]) => a - b)
      .forEach(([column, value], j) => {
        columns[starts[i] + j] = column;
        values[starts[i] + j] = value;
      });
  });
  return { size: rows, starts, columns, values };
}

/** D: the sum of each row. */
export function degrees({ size, starts, values }: SparseMatrix): Float64Array {
  return Float64Array.from({ length: size }, (_, i) => {
    let sum = 0;
    for (let at = starts[i]; at < starts[i + 1]; at++) sum += values[at];
    return sum;
  });
}

/** D^−½ W D^−½, whose largest eigenvalues μ are the smallest of the normalised Laplacian, λ = 1 − μ. */
export function normalisedAffinity(affinity: SparseMatrix): SymmetricOperator {
  const { size, starts, columns, values } = affinity;
  const roots = degrees(affinity).map((degree) => 1 / Math.sqrt(degree));
  const weights = new Float64Array(values.length);
  for (let i = 0; i < size; i++)
    for (let at = starts[i]; at < starts[i + 1]; at++)
      weights[at] = roots[i] * values[at] * roots[columns[at]];
  return {
    size,
    apply(x, out) {
      for (let i = 0; i < size; i++) {
        let sum = 0;
        for (let at = starts[i]; at < starts[i + 1]; at++) sum += weights[at] * x[columns[at]];
        out[i] = sum;
      }
    },
  };
}

/** For each row the number of the part of the graph that it belongs to, the largest first: no edge leads from one to another. */
export function components({ size, starts, columns }: SparseMatrix): Labels {
  const part = new Int32Array(size).fill(-1);
  let next = 0;
  for (let root = 0; root < size; root++) {
    if (part[root] >= 0) continue;
    const stack = [root];
    part[root] = next;
    for (let i = stack.pop(); i !== undefined; i = stack.pop())
      for (let at = starts[i]; at < starts[i + 1]; at++)
        if (part[columns[at]] < 0) {
          part[columns[at]] = next;
          stack.push(columns[at]);
        }
    next++;
  }
  return bySize(part);
}
