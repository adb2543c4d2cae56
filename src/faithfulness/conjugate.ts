import { LANES, product } from './grid.ts';
import type { Multigrid } from './multigrid.ts';

/** What a pixel's neighbour counts (Rong et al. 2022, section 5.2): one beside it, one across. */
export const [BESIDE, ACROSS] = [1 / 6, 1 / 12];

/**
 * Conjugate gradients, from what `x` holds until |b − Ax| ≤ tolerance · |b| in each lane, b what the pixels that are `known`
 * (zero elsewhere) add to the equations of their neighbours.
 */
export function solve(
  { finest, cycle }: Multigrid,
  known: Float64Array,
  x: Float64Array,
  tolerance: number,
): void {
  const { unknowns, row, given: residual, found: scaled } = finest;
  const [direction, image] = [new Float64Array(x.length), new Float64Array(x.length)];
  const lanes = () => new Float64Array(LANES);
  const [limits, left, energy, turns, lengths] = [lanes(), lanes(), lanes(), lanes(), lanes()];
  const down = LANES * row;
  product(finest, x, image);
  eachNumber(unknowns, (k, lane) => {
    const right =
      BESIDE * (known[k - LANES] + known[k + LANES] + known[k - down] + known[k + down]) +
      ACROSS *
        (known[k - down - LANES] +
          known[k - down + LANES] +
          known[k + down - LANES] +
          known[k + down + LANES]);
    residual[k] = right - image[k];
    limits[lane] += right ** 2;
    left[lane] += residual[k] ** 2;
  });
  // In exact arithmetic as many steps as unknowns are enough.
  for (let step = 0; step < unknowns.length; step++) {
    const open = [...left.keys()].filter((lane) => left[lane] > tolerance ** 2 * limits[lane]);
    if (open.length === 0) return;
    cycle();
    const next = dots(unknowns, residual, scaled);
    for (const lane of open) turns[lane] = step > 0 ? next[lane] / energy[lane] : 0;
    energy.set(next);
    for (let i = 0; i < unknowns.length; i++)
      for (let lane = 0, k = LANES * unknowns[i]; lane < LANES; lane++, k++)
        direction[k] = scaled[k] + turns[lane] * direction[k];
    product(finest, direction, image);
    const curvature = dots(unknowns, direction, image);
    // A lane that is solved stands still.
    lengths.fill(0);
    for (const lane of open) lengths[lane] = energy[lane] / curvature[lane];
    left.fill(0);
    for (let i = 0; i < unknowns.length; i++)
      for (let lane = 0, k = LANES * unknowns[i]; lane < LANES; lane++, k++) {
        x[k] += lengths[lane] * direction[k];
        residual[k] -= lengths[lane] * image[k];
        left[lane] += residual[k] ** 2;
      }
  }
}

/** The scalar product of each lane. */
function dots(unknowns: Int32Array, a: Float64Array, b: Float64Array): Float64Array {
  const sums = new Float64Array(LANES);
  for (let i = 0; i < unknowns.length; i++)
    for (let lane = 0, k = LANES * unknowns[i]; lane < LANES; lane++, k++) sums[lane] += a[k] * b[k];
  return sums;
}

function eachNumber(unknowns: Int32Array, visit: (k: number, lane: number) => void): void {
  for (let i = 0; i < unknowns.length; i++)
    for (let lane = 0, k = LANES * unknowns[i]; lane < LANES; lane++, k++) visit(k, lane);
}
