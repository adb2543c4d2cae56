import type { Coalition } from './coalitions.ts';

/**
 * The Shapley values that fit the values of coalitions best: minimises Σ w (v − Σ_{i in coalition} φ_i)² under Σ φ_i =
 * `total`, by Lagrange: with A = Σ w z zᵀ and b = Σ w v z, φ = A⁻¹(b − λ1) and λ such that the φ add up. `values` are
 * those above the empty coalition's. A must be positive definite, as it is where every player stands alone once.
 */
export function shapleyValues(
  players: number,
  list: readonly Coalition[],
  values: ArrayLike<number>,
  total: number,
): Float64Array {
  if (players === 1) return Float64Array.of(total);
  const a = new Float64Array(players * players);
  const b = new Float64Array(players);
  list.forEach(({ members, weight }, row) => {
    const present = [...members.keys()].filter((player) => members[player] === 1);
    for (const i of present) {
      b[i] += weight * values[row];
      for (const j of present) a[i * players + j] += weight;
    }
  });
  const lower = cholesky(a, players);
  const free = solve(lower, b);
  const ones = solve(lower, new Float64Array(players).fill(1));
  const sum = (x: Float64Array) => x.reduce((all, value) => all + value, 0);
  const lambda = (sum(free) - total) / sum(ones);
  return free.map((value, i) => value - lambda * ones[i]);
}

/** The lower triangle L with L Lᵀ = a, of a positive definite matrix n×n in rows. */
function cholesky(a: Float64Array, n: number): Float64Array {
  const lower = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = a[i * n + j];
      for (let k = 0; k < j; k++) rest -= lower[i * n + k] * lower[j * n + k];
      lower[i * n + j] = i === j ? Math.sqrt(rest) : rest / lower[j * n + j];
    }
  }
  return lower;
}

/** x with L Lᵀ x = b. */
function solve(lower: Float64Array, b: Float64Array): Float64Array {
  const n = b.length;
  const x = Float64Array.from(b);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= lower[i * n + k] * x[k];
    x[i] /= lower[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= lower[k * n + i] * x[k];
    x[i] /= lower[i * n + i];
  }
  return x;
}
