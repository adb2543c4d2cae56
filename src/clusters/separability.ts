import { Matrix, pseudoInverse } from 'ml-matrix';
import type { Embedding } from './embedding.ts';
import type { Labels } from './labels.ts';

/**
 * How unlike the rest a cluster is: along the direction that tells the two apart best, the share of the variance that lies
 * between them. Fisher's linear discriminant (Fisher 1936), by which Anders et al. 2022 rank classes for artefacts: with
 * J = max wᵀS_B w / wᵀS_W w this is J / (1 + J), from 0 to 1, and stays finite where a cluster is a single place. NaN
 * where all rows are in it, or none.
 */
export function separability({ rows, dimensions, data }: Embedding, labels: Labels, cluster: number): number {
  const inside = labels.reduce((count, label) => count + (label === cluster ? 1 : 0), 0);
  if (inside === 0 || inside === rows) return Number.NaN;
  const [own, rest] = [new Float64Array(dimensions), new Float64Array(dimensions)];
  for (let i = 0; i < rows; i++) {
    const [to, count] = labels[i] === cluster ? [own, inside] : [rest, rows - inside];
    for (let j = 0; j < dimensions; j++) to[j] += data[i * dimensions + j] / count;
  }
  const share = inside / rows;
  const mean = own.map((value, j) => share * value + (1 - share) * rest[j]);
  const total = Matrix.zeros(dimensions, dimensions);
  for (let i = 0; i < rows; i++)
    for (let a = 0; a < dimensions; a++)
      for (let b = 0; b < dimensions; b++)
        total.set(
          a,
          b,
          total.get(a, b) +
            ((data[i * dimensions + a] - mean[a]) * (data[i * dimensions + b] - mean[b])) / rows,
        );
  const gap = Matrix.columnVector(own.map((value, j) => value - rest[j]));
  // The largest wᵀS_B w / wᵀS_T w, as S_B has rank 1: share · (1 − share) · gapᵀ S_T⁺ gap.
  const along = gap.transpose().mmul(pseudoInverse(total)).mmul(gap).get(0, 0);
  return Math.min(1, Math.max(0, share * (1 - share) * along));
}
