/** A coalition as bits, and its weight. */
export interface Weighed {
  readonly members: ArrayLike<number>;
  readonly weight: number;
}

/** Shapley values by their definition: Σ over coalitions without i of |S|! (n − |S| − 1)!/n! · (v(S ∪ i) − v(S)). */
export function shapley(players: number, v: (members: readonly number[]) => number): number[] {
  const factorial = (n: number): number => (n < 2 ? 1 : n * factorial(n - 1));
  const values = Array.from({ length: 2 ** players }, (_, bits) =>
    v(Array.from({ length: players }, (_, i) => (bits >> i) & 1)),
  );
  const size = (bits: number) =>
    Array.from({ length: players }, (_, i) => (bits >> i) & 1).reduce((a, b) => a + b);
  return Array.from({ length: players }, (_, i) => {
    let sum = 0;
    for (let bits = 0; bits < 2 ** players; bits++) {
      if ((bits >> i) & 1) continue;
      const s = size(bits);
      const share = (factorial(s) * factorial(players - s - 1)) / factorial(players);
      sum += share * (values[bits | (1 << i)] - values[bits]);
    }
    return sum;
  });
}

/** The Shapley kernel (Lundberg and Lee 2017, theorem 2) of one coalition of a size. */
export function kernel(players: number, size: number): number {
  let choices = 1;
  for (let i = 1; i <= size; i++) choices = (choices * (players - size + i)) / i;
  return (players - 1) / (choices * size * (players - size));
}

/**
 * The φ that minimise Σ w (v − Σ φ_i z_i)² under Σ φ_i = total, from the conditions 2 Σ w z zᵀ φ + μ 1 = 2 Σ w v z and 1ᵀφ =
 * total, solved together by Gauss's elimination.
 */
export function constrainedFit(
  players: number,
  coalitions: readonly Weighed[],
  values: readonly number[],
  total: number,
): number[] {
  const n = players + 1;
  const rows = Array.from({ length: n }, () => new Float64Array(n + 1));
  coalitions.forEach(({ members, weight }, k) => {
    for (let i = 0; i < players; i++) {
      for (let j = 0; j < players; j++) rows[i][j] += 2 * weight * members[i] * members[j];
      rows[i][n] += 2 * weight * values[k] * members[i];
    }
  });
  for (let i = 0; i < players; i++) rows[i][players] = rows[players][i] = 1;
  rows[players][n] = total;
  for (let column = 0; column < n; column++) {
    const pivot = rows.findIndex(
      (row, i) =>
        i >= column &&
        Math.abs(row[column]) === Math.max(...rows.slice(column).map((r) => Math.abs(r[column]))),
    );
    [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
    for (let i = 0; i < n; i++) {
      if (i === column) continue;
      const factor = rows[i][column] / rows[column][column];
      for (let j = column; j <= n; j++) rows[i][j] -= factor * rows[column][j];
    }
  }
  return Array.from({ length: players }, (_, i) => rows[i][n] / rows[i][i]);
}
