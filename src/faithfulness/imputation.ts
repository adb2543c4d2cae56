import { emptySystem, multigrid, type PixelSystem, timesMatrix } from './multigrid.ts';

/** How exactly {@link imputed} solves, and where it begins. */
export interface ImputationOptions {
  /** The residual that is left, as a fraction of the right-hand side; 1e-7 unless given: no pixel is then off by a millionth of the range. */
  readonly tolerance?: number;
  /** Channels that begin nearer to the solution than the channel's mean does. */
  readonly guess?: readonly Float64Array[] | undefined;
}

/** A pixel's neighbours and what they count: those beside it 1/6, those across 1/12 (Rong et al. 2022, section 5.2). */
const neighbours = [-1, 0, 1].flatMap((dy) =>
  [-1, 0, 1].flatMap((dx) =>
    dx === 0 && dy === 0 ? [] : [{ dy, dx, weight: dx === 0 || dy === 0 ? 1 / 6 : 1 / 12 }],
  ),
);

/**
 * Linear imputation of ROAD (Rong et al. 2022, "A Consistent and Efficient Evaluation Strategy for Attribution Methods"),
 * without its noise: every pixel that is taken away (1 in `removed`) becomes the weighted mean of its neighbours within
 * the picture, all at the same time. The system is symmetric and positive definite as long as any pixel is left;
 * conjugate gradients solve it (Hestenes and Stiefel 1952), preconditioned by a {@link multigrid} cycle: some ten steps,
 * however large the holes are. Where no pixel is left, all become the channel's mean. Channels H×W; the result has what
 * was left as it was.
 */
export function imputed(
  channels: readonly ArrayLike<number>[],
  height: number,
  width: number,
  removed: Uint8Array,
  { tolerance = 1e-7, guess }: ImputationOptions = {},
): Float64Array[] {
  const system = systemOf(height, width, removed);
  const { unknowns } = system;
  const all = unknowns.length === removed.length;
  const precondition = all || unknowns.length === 0 ? undefined : multigrid(system);
  const [row, size] = [width + 2, (height + 2) * (width + 2)];
  const pixels = unknowns.map((place) => (Math.floor(place / row) - 1) * width + (place % row) - 1);
  return channels.map((channel, c) => {
    const out = Float64Array.from(channel);
    const mean = out.reduce((sum, value) => sum + value, 0) / out.length;
    if (all) return out.fill(mean);
    if (!precondition) return out;
    const [right, x] = [new Float64Array(size), new Float64Array(size)];
    unknowns.forEach((place, i) => {
      x[place] = guess?.[c][pixels[i]] ?? mean;
      right[place] = knownAround(channel, pixels[i], height, width, removed);
    });
    conjugateGradients((v, into) => timesMatrix(system, v, into), precondition, right, x, tolerance);
    unknowns.forEach((place, i) => {
      out[pixels[i]] = x[place];
    });
    return out;
  });
}

/** The equations of the pixels that are taken away: Σ weights · x − Σ weight · x of a neighbour that is, too = {@link knownAround}. */
function systemOf(height: number, width: number, removed: Uint8Array): PixelSystem {
  const row = width + 2;
  const places: number[] = [];
  removed.forEach((is, pixel) => {
    if (is) places.push((Math.floor(pixel / width) + 1) * row + (pixel % width) + 1);
  });
  const system = emptySystem(height, width, Int32Array.from(places));
  const { own, right, lowerLeft, lower, lowerRight } = system;
  const after: Readonly<Record<number, Float64Array>> = {
    1: right,
    [row - 1]: lowerLeft,
    [row]: lower,
    [row + 1]: lowerRight,
  };
  for (const place of places) {
    const [y, x] = [Math.floor(place / row) - 1, (place % row) - 1];
    for (const { dy, dx, weight } of neighbours) {
      if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) continue;
      own[place] += weight;
      const step = dy * row + dx;
      if (step > 0 && removed[(y + dy) * width + x + dx]) after[step][place] = -weight;
    }
  }
  return system;
}

/** What the neighbours that are left add to a pixel's equation. */
function knownAround(
  channel: ArrayLike<number>,
  pixel: number,
  height: number,
  width: number,
  removed: Uint8Array,
): number {
  const [y, x] = [Math.floor(pixel / width), pixel % width];
  let sum = 0;
  for (const { dy, dx, weight } of neighbours) {
    if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) continue;
    const other = pixel + dy * width + dx;
    if (!removed[other]) sum += weight * channel[other];
  }
  return sum;
}

/**
 * Solves a symmetric positive definite system in place, from what `x` holds, until |b − Ax| ≤ tolerance · |b|. Numbers that are
 * no unknowns are zero everywhere.
 */
function conjugateGradients(
  product: (v: Float64Array, into: Float64Array) => void,
  precondition: (residual: Float64Array, into: Float64Array) => void,
  right: Float64Array,
  x: Float64Array,
  tolerance: number,
): void {
  const n = right.length;
  const [residual, scaled, direction, image] = Array.from({ length: 4 }, () => new Float64Array(n));
  product(x, image);
  for (let i = 0; i < n; i++) residual[i] = right[i] - image[i];
  const limit = tolerance * Math.sqrt(dot(right, right));
  let energy = 0;
  // In exact arithmetic n steps are enough.
  for (let step = 0; step < n && Math.sqrt(dot(residual, residual)) > limit; step++) {
    precondition(residual, scaled);
    const next = dot(residual, scaled);
    for (let i = 0; i < n; i++) direction[i] = scaled[i] + (step > 0 ? (next / energy) * direction[i] : 0);
    energy = next;
    product(direction, image);
    const length = energy / dot(direction, image);
    for (let i = 0; i < n; i++) {
      x[i] += length * direction[i];
      residual[i] -= length * image[i];
    }
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
