/** What mean and spread of vectors of one length follow from; grows by {@link addVector}. */
export interface VectorMoments {
  count: number;
  readonly mean: Float64Array;
  /** Sums of squared differences from the mean. */
  readonly squares: Float64Array;
}

/** Of no vectors. */
export const noVectors = (length: number): VectorMoments => ({
  count: 0,
  mean: new Float64Array(length),
  squares: new Float64Array(length),
});

/** Takes a vector in, in float64 (Welford 1962: no differences of large sums). */
export function addVector(moments: VectorMoments, values: ArrayLike<number>): void {
  const { mean, squares } = moments;
  moments.count++;
  for (let i = 0; i < mean.length; i++) {
    const before = values[i] - mean[i];
    mean[i] += before / moments.count;
    squares[i] += before * (values[i] - mean[i]);
  }
}
