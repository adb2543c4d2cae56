import { components, degrees, normalisedAffinity, type SparseMatrix } from './affinity.ts';
import { type EigenOptions, largestEigenpairs, type SymmetricOperator } from './eigen.ts';
import type { Features } from './features.ts';
import type { Labels } from './labels.ts';

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
 * 2007, section 3.2): D^−½ times those of the symmetric I − D^−½ W D^−½. Those of 0 are known: each is the same on a part
 * of the graph that nothing joins with the others, and 0 elsewhere; the largest parts come first. Every row must have a
 * neighbour.
 */
export function spectralEmbedding(
  affinity: SparseMatrix,
  dimensions: number,
  options: EigenOptions = {},
): SpectralEmbedding {
  const { size } = affinity;
  const roots = degrees(affinity).map(Math.sqrt);
  const part = components(affinity);
  const lengths = new Float64Array(part.reduce((most, each) => Math.max(most, each + 1), 0));
  for (let i = 0; i < size; i++) lengths[part[i]] += roots[i] ** 2;
  const known = Array.from(lengths.subarray(0, dimensions), (square, p) =>
    roots.map((root, i) => (part[i] === p ? root / Math.sqrt(square) : 0)),
  );
  const rest = largestEigenpairs(
    deflated(normalisedAffinity(affinity), part, roots, lengths),
    dimensions - known.length,
    // Equal eigenvalues that are not 0 are rare, and two of them are found all the same.
    { tolerance: 1e-6, copies: 1, ...options },
  );
  return {
    ...columnsAsRows([...known, ...rest.vectors].map((vector) => vector.map((value, i) => value / roots[i]))),
    // Rounding may leave 0 a little below it.
    eigenvalues: [...known.map(() => 0), ...Array.from(rest.values, (value) => Math.max(0, 1 - value))],
  };
}

/** The normalised affinity with −1, its least possible eigenvalue, in place of the 1 that each part has. */
function deflated(
  { size, apply }: SymmetricOperator,
  part: Labels,
  roots: Float64Array,
  lengths: Float64Array,
): SymmetricOperator {
  return {
    size,
    apply(x, out) {
      apply(x, out);
      const along = new Float64Array(lengths.length);
      for (let i = 0; i < size; i++) along[part[i]] += roots[i] * x[i];
      for (let i = 0; i < size; i++) out[i] -= (2 * along[part[i]] * roots[i]) / lengths[part[i]];
    },
  };
}

/** How many clusters the eigenvalues speak for. */
export interface Eigengap {
  /** The number from `least` on before which the gap is largest. */
  readonly clusters: number;
  /** From 0 to 1. */
  readonly gap: number;
  /** Whether the first step between eigenvalues is no smaller than the one after so many: the heatmaps are one cluster. */
  readonly single: boolean;
}

/** Eigenvalues below this are 0, as far as they are computed. */
const NOTHING = 1e-9;

/**
 * As many clusters as a random walk on the graph keeps apart best, however long it goes on: the largest gap μₖᵗ − μₖ₊₁ᵗ
 * of what is left of μ = 1 − λ after any t ≥ 1 steps (Azran and Ghahramani 2006, "Spectral methods for automatic multiscale
 * data clustering", section 3). For t = 1 this is the eigengap λₖ₊₁ − λₖ (von Luxburg 2007, section 8.3), which counts
 * small groups within a cluster rather than clusters that are far apart. Of equal gaps the last; needs three eigenvalues.
 */
export function eigengap(eigenvalues: readonly number[], least = 2): Eigengap {
  const gaps = eigenvalues.slice(1).map((value, i) => widestGap(eigenvalues[i], value));
  const clusters = gaps.reduce(
    (best, gap, i) => (i + 1 >= least && gap >= gaps[best - 1] ? i + 1 : best),
    least,
  );
  const step = (k: number) => eigenvalues[k] - eigenvalues[k - 1];
  return { clusters, gap: gaps[clusters - 1], single: step(1) >= step(clusters) };
}

/** The largest μᵗ − νᵗ of μ = 1 − `smaller` and ν = 1 − `larger` over t ≥ 1: where its derivative is 0, or at 1. */
function widestGap(smaller: number, larger: number): number {
  const rate = (eigenvalue: number) => -Math.log(1 - Math.min(1, Math.max(NOTHING, eigenvalue)));
  const [slow, fast] = [rate(smaller), rate(larger)];
  if (!(fast > slow)) return 0;
  const steps = Math.max(1, Math.log(fast / slow) / (fast - slow));
  return Math.exp(-slow * steps) - Math.exp(-fast * steps);
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
        // As the weights sum to 0, so does what the mean would add.
        for (let j = 0, at = i * columns; j < columns; j++) out[j] += (weight / rows) * data[at++];
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
