/** How exactly {@link imputed} solves, and where it begins. */
export interface ImputationOptions {
  /** The residual that is left, as a fraction of the right-hand side; 1e-3 unless given: a tenth of the noise that is added. */
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

/** The equations of the pixels that are taken away: for the i-th of them, Σ weights · x_i − Σ weight · x_neighbour = known. */
interface Equations {
  readonly pixels: Int32Array;
  readonly diagonal: Float64Array;
  /** Eight entries each: the place of a neighbour among the unknown, −1 where it is known or outside. */
  readonly unknown: Int32Array;
  /** Eight entries each: the pixel of a known neighbour, −1 where it is unknown or outside. */
  readonly known: Int32Array;
}

/**
 * Linear imputation of ROAD (Rong et al. 2022, "A Consistent and Efficient Evaluation Strategy for Attribution Methods"),
 * without its noise: every pixel that is taken away (1 in `removed`) becomes the weighted mean of its neighbours within
 * the picture, all at the same time. The system is symmetric and positive definite as long as any pixel is left;
 * conjugate gradients solve it (Hestenes and Stiefel 1952), preconditioned by the diagonal. Where no pixel is left, all
 * become the channel's mean. Channels H×W; the result has what was left as it was.
 */
export function imputed(
  channels: readonly ArrayLike<number>[],
  height: number,
  width: number,
  removed: Uint8Array,
  { tolerance = 1e-3, guess }: ImputationOptions = {},
): Float64Array[] {
  const equations = equationsOf(height, width, removed);
  const { pixels, diagonal, known } = equations;
  return channels.map((channel, c) => {
    const out = Float64Array.from(channel);
    const mean = out.reduce((sum, value) => sum + value, 0) / out.length;
    if (pixels.length === out.length) return out.fill(mean);
    const right = new Float64Array(pixels.length);
    for (let i = 0; i < right.length; i++)
      for (let k = 0; k < 8; k++) {
        const pixel = known[8 * i + k];
        if (pixel >= 0) right[i] += neighbours[k].weight * channel[pixel];
      }
    const first = guess?.[c];
    const x = Float64Array.from(pixels, (pixel) => first?.[pixel] ?? mean);
    conjugateGradients((v, into) => multiply(equations, v, into), diagonal, right, x, tolerance);
    pixels.forEach((pixel, i) => {
      out[pixel] = x[i];
    });
    return out;
  });
}

function equationsOf(height: number, width: number, removed: Uint8Array): Equations {
  const place = new Int32Array(removed.length).fill(-1);
  const pixels: number[] = [];
  removed.forEach((is, pixel) => {
    if (is) place[pixel] = pixels.push(pixel) - 1;
  });
  const diagonal = new Float64Array(pixels.length);
  const unknown = new Int32Array(8 * pixels.length).fill(-1);
  const known = new Int32Array(8 * pixels.length).fill(-1);
  pixels.forEach((pixel, i) => {
    const [y, x] = [Math.floor(pixel / width), pixel % width];
    neighbours.forEach(({ dy, dx, weight }, k) => {
      if (y + dy < 0 || y + dy >= height || x + dx < 0 || x + dx >= width) return;
      diagonal[i] += weight;
      const other = pixel + dy * width + dx;
      if (place[other] >= 0) unknown[8 * i + k] = place[other];
      else known[8 * i + k] = other;
    });
  });
  return { pixels: Int32Array.from(pixels), diagonal, unknown, known };
}

const weights = neighbours.map(({ weight }) => weight);

function multiply({ diagonal, unknown }: Equations, v: Float64Array, into: Float64Array): void {
  for (let i = 0, at = 0; i < v.length; i++) {
    let sum = diagonal[i] * v[i];
    for (let k = 0; k < 8; k++, at++) {
      const other = unknown[at];
      if (other >= 0) sum -= weights[k] * v[other];
    }
    into[i] = sum;
  }
}

/** Solves a symmetric positive definite system in place, from what `x` holds, until |b − Ax| ≤ tolerance · |b|. */
export function conjugateGradients(
  product: (v: Float64Array, into: Float64Array) => void,
  diagonal: Float64Array,
  right: Float64Array,
  x: Float64Array,
  tolerance: number,
): void {
  const n = right.length;
  const [residual, scaled, direction, image] = Array.from({ length: 4 }, () => new Float64Array(n));
  product(x, image);
  for (let i = 0; i < n; i++) {
    residual[i] = right[i] - image[i];
    direction[i] = scaled[i] = residual[i] / diagonal[i];
  }
  const limit = tolerance * Math.sqrt(dot(right, right));
  let energy = dot(residual, scaled);
  // In exact arithmetic n steps are enough.
  for (let step = 0; step < n && Math.sqrt(dot(residual, residual)) > limit; step++) {
    product(direction, image);
    const length = energy / dot(direction, image);
    for (let i = 0; i < n; i++) {
      x[i] += length * direction[i];
      residual[i] -= length * image[i];
      scaled[i] = residual[i] / diagonal[i];
    }
    const next = dot(residual, scaled);
    for (let i = 0; i < n; i++) direction[i] = scaled[i] + (next / energy) * direction[i];
    energy = next;
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
