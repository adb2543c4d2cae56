/**
 * Channels of a picture that are solved at the same time, their numbers side by side: the steps of one alone would wait for
 * each other, as each takes what the one before found.
 */
export const LANES = 3;

/**
 * A symmetric matrix that joins each pixel with its eight neighbours at most: the diagonal, and what stands beside it for the
 * right, lower left, lower, lower right neighbour. By places in a grid with a border of zeros, so that every pixel has eight.
 */
export interface Stencils {
  readonly own: Float64Array;
  readonly right: Float64Array;
  readonly lowerLeft: Float64Array;
  readonly lower: Float64Array;
  readonly lowerRight: Float64Array;
}

/** A grid of a multigrid. Vectors have {@link LANES} numbers for each place, zero where it is no unknown. */
export interface Level {
  /** Of the picture, without the border. */
  readonly height: number;
  readonly width: number;
  /** Places from one row to the next. */
  readonly row: number;
  readonly matrix: Stencils;
  /** What is to be added to the matrix; zero between. */
  readonly news: Stencils;
  /** 1 for places of which something is new. */
  readonly touched: Uint8Array;
  /** One over the diagonal. */
  readonly inverse: Float64Array;
  /** The places of the unknowns, ascending. */
  unknowns: Int32Array;
  /**
   * For each place the first of its parents on the next coarser grid, which has every second row and column, and how far
   * it is to the next across and down: 0 where the place lies on the parent's column or row. A place takes a quarter of
   * each of the four, which is linear interpolation.
   */
  readonly parents: Int32Array;
  readonly given: Float64Array;
  readonly found: Float64Array;
}

/** An empty grid for a picture of this size. */
export function levelOf(height: number, width: number): Level {
  const row = width + 2;
  const places = (height + 2) * row;
  const stencils = (): Stencils => {
    const [own, right, lowerLeft, lower, lowerRight] = Array.from(
      { length: 5 },
      () => new Float64Array(places),
    );
    return { own, right, lowerLeft, lower, lowerRight };
  };
  const parents = new Int32Array(3 * places);
  const coarse = (width >> 1) + 3;
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const first = ((y >> 1) + 1) * coarse + (x >> 1) + 1;
      parents.set([first, x & 1, y & 1 ? coarse : 0], 3 * ((y + 1) * row + x + 1));
    }
  return {
    ...{ height, width, row, parents, matrix: stencils(), news: stencils() },
    touched: new Uint8Array(places),
    inverse: new Float64Array(places),
    unknowns: new Int32Array(0),
    given: new Float64Array(LANES * places),
    found: new Float64Array(LANES * places),
  };
}

/*
 * The loops below are nearly all of imputation's time: without iterators, which cost more than the arithmetic, and written
 * out for three lanes, which would be as much again.
 */

/** What the neighbours after a place add to its row, and those before it: k the number's place, `down` numbers to a row. */
const after = (x: Float64Array, k: number, down: number, e: number, sw: number, s: number, se: number) =>
  sw * x[k + down - LANES] + s * x[k + down] + se * x[k + down + LANES] + e * x[k + LANES];
const before = (x: Float64Array, k: number, down: number, w: number, ne: number, n: number, nw: number) =>
  ne * x[k - down + LANES] + n * x[k - down] + nw * x[k - down - LANES] + w * x[k - LANES];

/** The matrix times a vector. */
export function product({ matrix, unknowns, row }: Level, x: Float64Array, into: Float64Array): void {
  const { own, right, lowerLeft, lower, lowerRight } = matrix;
  const down = LANES * row;
  for (let i = 0; i < unknowns.length; i++) {
    const p = unknowns[i];
    const o = own[p];
    const e = right[p];
    const sw = lowerLeft[p];
    const s = lower[p];
    const se = lowerRight[p];
    const w = right[p - 1];
    const ne = lowerLeft[p - row + 1];
    const n = lower[p - row];
    const nw = lowerRight[p - row - 1];
    const k = LANES * p;
    into[k] = o * x[k] + after(x, k, down, e, sw, s, se) + before(x, k, down, w, ne, n, nw);
    into[k + 1] = o * x[k + 1] + after(x, k + 1, down, e, sw, s, se) + before(x, k + 1, down, w, ne, n, nw);
    into[k + 2] = o * x[k + 2] + after(x, k + 2, down, e, sw, s, se) + before(x, k + 2, down, w, ne, n, nw);
  }
}

/** Gauss–Seidel from zero, forwards: every unknown in turn is what those before it make it. */
export function sweepFirst({ matrix, inverse, unknowns, row, given, found }: Level): void {
  const { right, lowerLeft, lower, lowerRight } = matrix;
  const down = LANES * row;
  for (let i = 0; i < unknowns.length; i++) {
    const p = unknowns[i];
    const w = right[p - 1];
    const ne = lowerLeft[p - row + 1];
    const n = lower[p - row];
    const nw = lowerRight[p - row - 1];
    const o = inverse[p];
    const k = LANES * p;
    found[k] = (given[k] - before(found, k, down, w, ne, n, nw)) * o;
    found[k + 1] = (given[k + 1] - before(found, k + 1, down, w, ne, n, nw)) * o;
    found[k + 2] = (given[k + 2] - before(found, k + 2, down, w, ne, n, nw)) * o;
  }
}

/** Gauss–Seidel: every unknown in turn is what the others make it. */
export function sweep({ matrix, inverse, unknowns, row, given, found }: Level, backwards: boolean): void {
  const { right, lowerLeft, lower, lowerRight } = matrix;
  const down = LANES * row;
  const last = unknowns.length - 1;
  for (let i = 0; i <= last; i++) {
    const p = unknowns[backwards ? last - i : i];
    const e = right[p];
    const sw = lowerLeft[p];
    const s = lower[p];
    const se = lowerRight[p];
    const w = right[p - 1];
    const ne = lowerLeft[p - row + 1];
    const n = lower[p - row];
    const nw = lowerRight[p - row - 1];
    const o = inverse[p];
    const k = LANES * p;
    found[k] = (given[k] - after(found, k, down, e, sw, s, se) - before(found, k, down, w, ne, n, nw)) * o;
    found[k + 1] =
      (given[k + 1] - after(found, k + 1, down, e, sw, s, se) - before(found, k + 1, down, w, ne, n, nw)) * o;
    found[k + 2] =
      (given[k + 2] - after(found, k + 2, down, e, sw, s, se) - before(found, k + 2, down, w, ne, n, nw)) * o;
  }
}

/** After {@link sweepFirst}: what is left of the equations, all due to what came later, becomes what is given to the coarser grid. */
export function toCoarser({ matrix, unknowns, row, found, parents }: Level, { given }: Level): void {
  const { right, lowerLeft, lower, lowerRight } = matrix;
  const below = LANES * row;
  given.fill(0);
  for (let i = 0; i < unknowns.length; i++) {
    const p = unknowns[i];
    const e = right[p];
    const sw = lowerLeft[p];
    const s = lower[p];
    const se = lowerRight[p];
    const k = LANES * p;
    const first = LANES * parents[3 * p];
    const across = LANES * parents[3 * p + 1];
    const down = LANES * parents[3 * p + 2];
    spread(given, first, across, down, -after(found, k, below, e, sw, s, se) / 4);
    spread(given, first + 1, across, down, -after(found, k + 1, below, e, sw, s, se) / 4);
    spread(given, first + 2, across, down, -after(found, k + 2, below, e, sw, s, se) / 4);
  }
}

function spread(x: Float64Array, k: number, across: number, down: number, quarter: number): void {
  x[k] += quarter;
  x[k + across] += quarter;
  x[k + down] += quarter;
  x[k + across + down] += quarter;
}

/** Adds to what was found what the coarser grid found. */
export function toFiner({ found: more }: Level, { unknowns, found, parents }: Level): void {
  for (let i = 0; i < unknowns.length; i++) {
    const p = unknowns[i];
    const k = LANES * p;
    const first = LANES * parents[3 * p];
    const across = LANES * parents[3 * p + 1];
    const down = LANES * parents[3 * p + 2];
    found[k] += meanOfFour(more, first, across, down);
    found[k + 1] += meanOfFour(more, first + 1, across, down);
    found[k + 2] += meanOfFour(more, first + 2, across, down);
  }
}

const meanOfFour = (x: Float64Array, k: number, across: number, down: number): number =>
  (x[k] + x[k + across] + x[k + down] + x[k + across + down]) / 4;
