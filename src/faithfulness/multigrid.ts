/**
 * A symmetric positive definite system on the pixels of a picture in which each is joined with its eight neighbours at most. Grids
 * have a border of zeros, so that every pixel has eight; pixels that are no unknowns stay zero.
 */
export interface PixelSystem {
  /** Of the picture, without the border. */
  readonly height: number;
  readonly width: number;
  /** The places of the unknowns in the grid with its border, ascending. */
  readonly unknowns: Int32Array;
  /** The diagonal. */
  readonly own: Float64Array;
  /** What stands beside it for the right, lower left, lower, lower right neighbour. */
  readonly right: Float64Array;
  readonly lowerLeft: Float64Array;
  readonly lower: Float64Array;
  readonly lowerRight: Float64Array;
}

/** A system whose numbers are all zero still. */
export function emptySystem(height: number, width: number, unknowns: Int32Array): PixelSystem {
  const [own, right, lowerLeft, lower, lowerRight] = Array.from({ length: 5 }, () => gridOf(height, width));
  return { height, width, unknowns, own, right, lowerLeft, lower, lowerRight };
}

const gridOf = (height: number, width: number) => new Float64Array((height + 2) * (width + 2));

/** What the neighbours after a place add to its row, and those before it. */
function besideOf({ width, right, lowerLeft, lower, lowerRight }: PixelSystem) {
  const row = width + 2;
  return {
    after: (x: Float64Array, p: number): number =>
      right[p] * x[p + 1] +
      lowerLeft[p] * x[p + row - 1] +
      lower[p] * x[p + row] +
      lowerRight[p] * x[p + row + 1],
    before: (x: Float64Array, p: number): number =>
      right[p - 1] * x[p - 1] +
      lowerLeft[p - row + 1] * x[p - row + 1] +
      lower[p - row] * x[p - row] +
      lowerRight[p - row - 1] * x[p - row - 1],
  };
}

/** The system's matrix times a grid. */
export function timesMatrix(system: PixelSystem, x: Float64Array, into: Float64Array): void {
  const { unknowns, own } = system;
  const { after, before } = besideOf(system);
  for (let i = 0; i < unknowns.length; i++) {
    const p = unknowns[i];
    into[p] = own[p] * x[p] + after(x, p) + before(x, p);
  }
}

/** The parts that a place of the fine grid takes of those of the coarse one, which has every second row and column. */
function parentsOf(p: number, width: number, visit: (parent: number, weight: number) => void): void {
  const row = width + 2;
  const [y, x] = [Math.floor(p / row) - 1, (p % row) - 1];
  const coarse = (width >> 1) + 3;
  const first = ((y >> 1) + 1) * coarse + (x >> 1) + 1;
  const [down, across] = [y & 1, x & 1];
  const weight = (down ? 0.5 : 1) * (across ? 0.5 : 1);
  visit(first, weight);
  if (across) visit(first + 1, weight);
  if (down) visit(first + coarse, weight);
  if (down && across) visit(first + coarse + 1, weight);
}

/** Linear interpolation between a grid and the next coarser one: for every unknown its parents and what it takes of them. */
interface Interpolation {
  readonly parents: Int32Array;
  readonly weights: Float64Array;
}

function interpolationOf({ unknowns, width }: PixelSystem): Interpolation {
  const parents = new Int32Array(4 * unknowns.length);
  const weights = new Float64Array(4 * unknowns.length);
  unknowns.forEach((p, i) => {
    let k = 4 * i;
    parentsOf(p, width, (parent, weight) => {
      parents[k] = parent;
      weights[k++] = weight;
    });
  });
  return { parents, weights };
}

/** The system as it is between interpolated grids: Galerkin's product Pᵀ A P. */
function coarsened(fine: PixelSystem, { parents, weights }: Interpolation): PixelSystem {
  const { unknowns, own } = fine;
  const [height, width] = [(fine.height >> 1) + 1, (fine.width >> 1) + 1];
  const made = emptySystem(height, width, new Int32Array(0));
  const place = new Int32Array(own.length).fill(-1);
  unknowns.forEach((p, i) => {
    place[p] = i;
  });
  const row = width + 2;
  // One of a pair of places that are each other's neighbours holds what joins them: the upper, or the left one.
  const add = (p: number, q: number, value: number) => {
    const from = Math.min(p, q);
    const away = Math.abs(p - q);
    if (away === 0) made.own[from] += value;
    else if (away === 1) made.right[from] += value;
    else if (away === row - 1) made.lowerLeft[from] += value;
    else if (away === row) made.lower[from] += value;
    else made.lowerRight[from] += value;
  };
  const fineRow = fine.width + 2;
  const joined = [
    [fine.right, 1],
    [fine.lowerLeft, fineRow - 1],
    [fine.lower, fineRow],
    [fine.lowerRight, fineRow + 1],
  ] as const;
  unknowns.forEach((p, i) => {
    for (let a = 4 * i; a < 4 * i + 4; a++)
      for (let b = 4 * i; b <= a; b++)
        if (weights[a] > 0 && weights[b] > 0) add(parents[a], parents[b], own[p] * weights[a] * weights[b]);
    for (const [values, step] of joined) {
      if (values[p] === 0) continue;
      const j = place[p + step];
      for (let a = 4 * i; a < 4 * i + 4; a++)
        for (let b = 4 * j; b < 4 * j + 4; b++) {
          if (weights[a] === 0 || weights[b] === 0) continue;
          const value = values[p] * weights[a] * weights[b];
          // Both halves of the matrix fall together on the diagonal.
          add(parents[a], parents[b], parents[a] === parents[b] ? 2 * value : value);
        }
    }
  });
  const found: number[] = [];
  made.own.forEach((value, p) => {
    if (value > 0) found.push(p);
  });
  return { ...made, unknowns: Int32Array.from(found) };
}

/** A grid of the multigrid, with room for its numbers. */
interface Level {
  readonly system: PixelSystem;
  readonly beside: ReturnType<typeof besideOf>;
  readonly toCoarse: Interpolation | undefined;
  readonly given: Float64Array;
  readonly found: Float64Array;
}

/** Below this many rows and columns there is no coarser grid. */
const COARSEST = 3;
/** Sweeps there and back on the coarsest grid. */
const SWEEPS = 8;

/**
 * A multigrid V-cycle, which nearly solves a system (Brandt 1977; Galerkin coarse grids, linear interpolation): Gauss–Seidel on
 * every grid, forwards on the way down and backwards on the way up, so that the whole is symmetric and positive definite and
 * preconditions conjugate gradients. The work of one cycle, and of making it, is proportional to the unknowns.
 */
export function multigrid(system: PixelSystem): (right: Float64Array, into: Float64Array) => void {
  const levels: Level[] = [];
  for (let next: PixelSystem | undefined = system; next; ) {
    const fine: PixelSystem = next;
    const isLast = Math.max(fine.height, fine.width) <= COARSEST;
    const toCoarse = isLast ? undefined : interpolationOf(fine);
    const [given, found] = [0, 1].map(() => gridOf(fine.height, fine.width));
    levels.push({ system: fine, beside: besideOf(fine), toCoarse, given, found });
    next = toCoarse && coarsened(fine, toCoarse);
  }
  const cycle = (depth: number): void => {
    const { system: own, beside, toCoarse, given, found } = levels[depth];
    const { unknowns } = own;
    const n = unknowns.length;
    // Of what comes later nothing is known yet.
    for (let i = 0; i < n; i++) {
      const p = unknowns[i];
      found[p] = (given[p] - beside.before(found, p)) / own.own[p];
    }
    if (toCoarse) {
      const { parents, weights } = toCoarse;
      const below = levels[depth + 1];
      below.given.fill(0);
      for (let i = 0; i < n; i++) {
        // All that is left of an equation that was solved.
        const residual = -beside.after(found, unknowns[i]);
        for (let k = 4 * i; k < 4 * i + 4; k++) below.given[parents[k]] += weights[k] * residual;
      }
      cycle(depth + 1);
      for (let i = 0; i < n; i++)
        for (let k = 4 * i; k < 4 * i + 4; k++) found[unknowns[i]] += weights[k] * below.found[parents[k]];
    } else
      for (let i = 1; i < SWEEPS; i++) {
        sweep(levels[depth], 'backwards');
        sweep(levels[depth], 'forwards');
      }
    sweep(levels[depth], 'backwards');
  };
  return (right, into) => {
    levels[0].given.set(right);
    cycle(0);
    into.set(levels[0].found);
  };
}

/** Gauss–Seidel: every unknown in turn is what the others make it. */
function sweep(
  { system: { unknowns, own }, beside: { after, before }, given, found }: Level,
  direction: 'forwards' | 'backwards',
): void {
  const n = unknowns.length;
  for (let i = 0; i < n; i++) {
    const p = unknowns[direction === 'forwards' ? i : n - 1 - i];
    found[p] = (given[p] - after(found, p) - before(found, p)) / own[p];
  }
}
