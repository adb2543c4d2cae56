/** Points in (0, 1) and weights that sum to 1. */
export interface Quadrature {
  readonly points: readonly number[];
  readonly weights: readonly number[];
}

/** The midpoint rule. */
export function midpoint(steps: number): Quadrature {
  return {
    points: Array.from({ length: steps }, (_, i) => (i + 0.5) / steps),
    weights: Array.from({ length: steps }, () => 1 / steps),
  };
}

/**
 * Gauss–Legendre quadrature, exact for polynomials of degree 2·steps − 1: the points are the roots of the Legendre
 * polynomial P_n, moved from (−1, 1) to (0, 1), the weights 1/((1 − x²)·P_n′(x)²).
 */
export function gaussLegendre(steps: number): Quadrature {
  const points: number[] = [];
  const weights: number[] = [];
  for (let i = steps - 1; i >= 0; i--) {
    // Newton's method from an approximation that is close enough for every root.
    let x = Math.cos((Math.PI * (i + 0.75)) / (steps + 0.5));
    let slope = 0;
    for (let round = 0; round < 20; round++) {
      const { value, derivative } = legendre(steps, x);
      slope = derivative;
      const move = value / derivative;
      x -= move;
      if (Math.abs(move) < 1e-15) break;
    }
    points.push((x + 1) / 2);
    weights.push(1 / ((1 - x * x) * slope * slope));
  }
  return { points, weights };
}

/** P_n(x) and its derivative, by the recurrence k·P_k = (2k − 1)·x·P_{k−1} − (k − 1)·P_{k−2}. */
function legendre(n: number, x: number): { value: number; derivative: number } {
  let [before, value] = [1, x];
  for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
  return { value, derivative: (n * (x * value - before)) / (x * x - 1) };
}
