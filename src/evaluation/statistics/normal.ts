/** Two-sided p-value of a standard normal number: the chance of one at least as far from 0. */
export function normalTwoSided(z: number): number {
  const x = Math.abs(z);
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  return x < 3 ? 1 - 2 * density * series(x) : 2 * density * fraction(x);
}

/** (Φ(x) − ½) / φ(x) = x + x³/3 + x⁵/(3·5) + … (Abramowitz and Stegun 26.2.11). */
function series(x: number): number {
  let [sum, term] = [0, x];
  for (let k = 1; term > sum * 1e-17; k++) {
    sum += term;
    term *= (x * x) / (2 * k + 1);
  }
  return sum;
}

/** (1 − Φ(x)) / φ(x) = 1/(x + 1/(x + 2/(x + 3/(x + …)))) (Abramowitz and Stegun 26.2.14). */
function fraction(x: number): number {
  let rest = x;
  // So many are enough from x = 3 on.
  for (let k = 100; k >= 1; k--) rest = x + k / rest;
  return 1 / rest;
}
