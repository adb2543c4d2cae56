/**
 * What all gradients are multiplied by, so that their L2 norm over every parameter together is at most the limit; 1
 * where they are not clipped. As in Caffe, it is the norm of the sum over the batches of one update, before that is
 * divided by their number and before weights' decay is added.
 */
export function clipFactor(limit: number | undefined, sumOfSquares: number): number {
  const norm = Math.sqrt(sumOfSquares);
  return limit !== undefined && norm > limit ? limit / norm : 1;
}

/**
 * The sum of a gradient's squares, in double precision. Its last bits depend on where a gradient is divided into parts,
 * so divide it at places that do not follow from the number of threads.
 */
export function sumOfSquares(gradient: Float32Array, from = 0, to = gradient.length): number {
  // Four sums: an addition need not wait for the one before.
  let [a, b, c, d] = [0, 0, 0, 0];
  let i = from;
  for (; i + 3 < to; i += 4) {
    a += gradient[i] * gradient[i];
    b += gradient[i + 1] * gradient[i + 1];
    c += gradient[i + 2] * gradient[i + 2];
    d += gradient[i + 3] * gradient[i + 3];
  }
  for (; i < to; i++) a += gradient[i] * gradient[i];
  return a + b + (c + d);
}
