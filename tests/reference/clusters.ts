/* What clusters are made of, as the papers have it: literal, in float64, slow. */

type Rows = readonly (readonly number[])[];

export const squared = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);

/** Of each row the others, the nearest first. */
export const nearest = (rows: Rows, count: number): number[][] =>
  rows.map((row, i) =>
    rows
      .map((_, j) => j)
      .filter((j) => j !== i)
      .sort((a, b) => squared(row, rows[a]) - squared(row, rows[b]) || a - b)
      .slice(0, count),
  );

/** W = ½ (A + Aᵀ), A the adjacency matrix of nearest neighbours. */
export function affinity(neighbours: readonly (readonly number[])[]): number[][] {
  const n = neighbours.length;
  const a = neighbours.map((near) => Array.from({ length: n }, (_, j) => (near.includes(j) ? 1 : 0)));
  return a.map((row, i) => row.map((value, j) => (value + a[j][i]) / 2));
}

/** I − D⁻¹ W. */
export const randomWalkLaplacian = (w: Rows): number[][] =>
  w.map((row, i) => {
    const degree = row.reduce((sum, value) => sum + value, 0);
    return row.map((value, j) => (i === j ? 1 : 0) - value / degree);
  });

/** For each k the largest (1 − λₖ)ᵗ − (1 − λₖ₊₁)ᵗ, by trying t ≥ 1 one after the other. */
export const walkGaps = (eigenvalues: readonly number[]): number[] =>
  eigenvalues.slice(1).map((larger, i) => {
    let most = 0;
    for (let t = 1; t < 1e6; t *= 1.005) most = Math.max(most, (1 - eigenvalues[i]) ** t - (1 - larger) ** t);
    return most;
  });

/** A x. */
export const times = (matrix: Rows, x: readonly number[]): number[] =>
  matrix.map((row) => row.reduce((sum, value, j) => sum + value * x[j], 0));

/** Eigenvalues of a symmetric matrix, the largest first, by Jacobi's rotations. */
export function eigenvalues(matrix: Rows): number[] {
  const a = matrix.map((row) => [...row]);
  const n = a.length;
  for (let sweep = 0; sweep < 60; sweep++)
    for (let p = 0; p < n; p++)
      for (let q = p + 1; q < n; q++) {
        if (Math.abs(a[p][q]) < 1e-300) continue;
        const angle = Math.atan2(2 * a[p][q], a[q][q] - a[p][p]) / 2;
        const [c, s] = [Math.cos(angle), Math.sin(angle)];
        for (let k = 0; k < n; k++)
          [a[k][p], a[k][q]] = [c * a[k][p] - s * a[k][q], s * a[k][p] + c * a[k][q]];
        for (let k = 0; k < n; k++)
          [a[p][k], a[q][k]] = [c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]];
      }
  return a.map((row, i) => row[i]).sort((x, y) => y - x);
}

const meanOf = (rows: Rows): number[] =>
  rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j], 0) / rows.length);

/** The sum of squared distances of clusters' rows to their means. */
export function inertia(rows: Rows, labels: ArrayLike<number>): number {
  let sum = 0;
  for (const label of new Set(Array.from(labels))) {
    const own = rows.filter((_, i) => labels[i] === label);
    const mean = meanOf(own);
    for (const row of own) sum += squared(row, mean);
  }
  return sum;
}

/** Ward 1963, greedily: of all pairs of clusters, the one whose union adds least, again and again. */
export function ward(rows: Rows, clusters: number): number[] {
  let parts = rows.map((_, i) => [i]);
  const spread = (part: readonly number[]) =>
    inertia(
      part.map((i) => rows[i]),
      part.map(() => 0),
    );
  while (parts.length > clusters) {
    let best = { cost: Number.POSITIVE_INFINITY, a: 0, b: 0 };
    for (let a = 0; a < parts.length; a++)
      for (let b = a + 1; b < parts.length; b++) {
        const cost = spread([...parts[a], ...parts[b]]) - spread(parts[a]) - spread(parts[b]);
        if (cost < best.cost) best = { cost, a, b };
      }
    const { a, b } = best;
    parts = [...parts.filter((_, i) => i !== a && i !== b), [...parts[a], ...parts[b]]];
  }
  return rows.map((_, i) => parts.findIndex((part) => part.includes(i)));
}

/** Ester et al. 1996: which dense rows reach one another, and whether a row is in a cluster at all. */
export function dbscan(rows: Rows, radius: number, least: number) {
  const near = (i: number) => rows.flatMap((row, j) => (squared(rows[i], row) <= radius ** 2 ? [j] : []));
  const dense = rows.map((_, i) => near(i).length >= least);
  const reached = rows.map((_, i) => {
    const found = new Set<number>(dense[i] ? [i] : []);
    for (const j of found) for (const k of near(j)) if (dense[k]) found.add(k);
    return found;
  });
  return { dense, reached, noise: rows.map((_, i) => !near(i).some((j) => dense[j])) };
}

/** Hubert and Arabie 1985, by counting every pair of rows. */
export function adjustedRand(a: readonly unknown[], b: readonly unknown[]): number {
  let [both, first, second, all] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++)
    for (let j = i + 1; j < a.length; j++) {
      all++;
      if (a[i] === a[j]) first++;
      if (b[i] === b[j]) second++;
      if (a[i] === a[j] && b[i] === b[j]) both++;
    }
  const expected = (first * second) / all;
  return (both - expected) / ((first + second) / 2 - expected);
}

/** wᵀ S_B w / wᵀ S_T w of a direction. */
export function discriminant(rows: Rows, inside: readonly boolean[], direction: readonly number[]): number {
  const along = rows.map((row) => row.reduce((sum, value, j) => sum + value * direction[j], 0));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const all = mean(along);
  let [between, total] = [0, 0];
  for (const side of [true, false]) {
    const own = along.filter((_, i) => inside[i] === side);
    between += own.length * (mean(own) - all) ** 2;
    for (const value of own) total += (value - all) ** 2;
  }
  return between / total;
}
