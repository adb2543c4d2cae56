import type { Embedding, Features } from '../../src/clusters/index.ts';
import { fillNormal } from '../../src/common/random.ts';

/** Normal numbers around centres that are drawn `apart` times as wide: `counts[k]` rows around the k-th. */
export function blobs(counts: readonly number[], columns: number, apart: number, seed: number) {
  const centres = new Float32Array(counts.length * columns);
  fillNormal(centres, seed, 0);
  const truth = counts.flatMap((count, k) => Array.from({ length: count }, () => k));
  const data = new Float32Array(truth.length * columns);
  fillNormal(data, seed, 1);
  truth.forEach((k, i) => {
    for (let j = 0; j < columns; j++) data[i * columns + j] += apart * centres[k * columns + j];
  });
  const features: Features = { rows: truth.length, columns, data };
  return { features, truth };
}

export const rowsOf = ({ rows, data }: { rows: number; data: ArrayLike<number> }): number[][] =>
  Array.from({ length: rows }, (_, i) =>
    Array.from({ length: data.length / rows }, (__, j) => data[(i * data.length) / rows + j]),
  );

export const embeddingOf = ({ rows, columns, data }: Features): Embedding => ({
  rows,
  dimensions: columns,
  data: Float64Array.from(data),
});
