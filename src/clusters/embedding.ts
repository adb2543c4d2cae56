import { components, degrees, normalisedAffinity, type SparseMatrix } from './affinity.ts';
import { type EigenOptions, largestEigenpairs, type SymmetricOperator } from './eigen.ts';
import type { Features } from './features.ts';

/** Rows in few dimensions: rows · dimensions numbers, row-major. */
export interface Embedding {
  readonly rows: number;
  readonly dimensions: number;
  readonly data: Float64Array;
}

/** Rows of a graph by its smoothest functions, with the eigenvalues 0 = λ₁ ≤ λ₂ ≤ … ≤ 2 of the normalised Laplacian. */
export interface SpectralEmbedding extends Embedding {
  readonly eigenvalues: readonly number[];
}

/**
 * The eigenvectors of the random-walk Laplacian I − D⁻¹W with the smallest eigenvalues (Shi and Malik 2000; von Luxburg
 * 2007, section 3.2): D^−½ times those of the symmetric I − D^−½ W D^−½. Every row must have a neighbour.
 */
export function spectralEmbedding(
  affinity: SparseMatrix,
  dimensions: number,
  options: EigenOptions = {},
): SpectralEmbedding {
  // 0 comes as often as the graph has parts.
  const parts = components(affinity).reduce((most, part) => Math.max(most, part + 1), 0);
  const copies = Math.max(4, Math.min(parts, dimensions));
  const operator = normalisedAffinity(affinity);
  const { values, vectors } = largestEigenpairs(operator, dimensions, { copies, ...options });
  const roots = degrees(affinity).map((degree) => 1 / Math.sqrt(degree));
  return {
    ...columnsAsRows(vectors.map((vector) => vector.map((value, i) => value * roots[i]))),
    // Rounding may leave 0 a little below it.
    eigenvalues: Array.from(values, (value) => Math.max(0, 1 - value)),
  };
}

/** How many clusters the eigenvalues speak for. */
export interface Eigengap {
  /** The number from `least` on whose gap to the next eigenvalue is largest. */
  readonly clusters: number;
  readonly gap: number;
  /** Whether no gap is larger than the first: the heatmaps are one cluster rather than several. */
  readonly single: boolean;
}

/**
 * The eigengap heuristic (von Luxburg 2007, section 8.3): as many clusters as there are small eigenvalues before the
 * largest step, λₖ₊₁ − λₖ. Needs three eigenvalues.
 */
export function eigengap(eigenvalues: readonly number[], least = 2): Eigengap {
  const gaps = eigenvalues.slice(1).map((value, i) => value - eigenvalues[i]);
  const clusters = gaps.reduce(
    (best, gap, i) => (i + 1 >= least && gap > gaps[best - 1] ? i + 1 : best),
    least,
  );
  return { clusters, gap: gaps[clusters - 1], single: gaps[0] >= gaps[clusters - 1] };
}

/** Principal components, and each one's share of the whole variance. */
export interface PrincipalComponents extends Embedding {
  readonly explained: readonly number[];
}

/** Rows by their principal components (Pearson 1901): X − mean times the eigenvectors of its covariance. */
export function principalComponents(
  { rows, columns, data }: Features,
  dimensions: number,
  options: EigenOptions = {},
): PrincipalComponents {
  const mean = new Float64Array(columns);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < columns; j++) mean[j] += data[at++] / rows;
  const projected = (direction: Float64Array) => {
    const offset = mean.reduce((sum, value, j) => sum + value * direction[j], 0);
    return Float64Array.from({ length: rows }, (_, i) => {
      let sum = -offset;
      for (let j = 0, at = i * columns; j < columns; j++) sum += data[at++] * direction[j];
      return sum;
    });
  };
  const covariance: SymmetricOperator = {
    size: columns,
    apply(x, out) {
      out.fill(0);
      projected(x).forEach((weight, i) => {
        for (let j = 0, at = i * columns; j < columns; j++)
          out[j] += (weight / rows) * (data[at++] - mean[j]);
      });
    },
  };
  let total = 0;
  for (let i = 0, at = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) total += (data[at++] - mean[j]) ** 2 / rows;
  const { values, vectors } = largestEigenpairs(covariance, Math.min(dimensions, columns), options);
  return {
    ...columnsAsRows(vectors.map(projected)),
    explained: Array.from(values, (value) => (total > 0 ? Math.max(0, value) / total : 0)),
  };
}

function columnsAsRows(columns: readonly Float64Array[]): Embedding {
  const [rows, dimensions] = [columns[0].length, columns.length];
  const data = new Float64Array(rows * dimensions);
  columns.forEach((column, j) => {
    column.forEach((value, i) => {
      data[i * dimensions + j] = value;
    });
  });
  return { rows, dimensions, data };
}

/** The first `dimensions` of each row. */
export function leading({ rows, dimensions: all, data }: Embedding, dimensions: number): Embedding {
  const out = new Float64Array(rows * dimensions);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < dimensions; j++) out[i * dimensions + j] = data[i * all + j];
  return { rows, dimensions, data: out };
}
