import { type Level, levelOf, type Stencils, sweep, sweepFirst, toCoarser, toFiner } from './grid.ts';

/** A growing system on the pixels of a picture, and what nearly solves it. */
export interface Multigrid {
  /** Its unknowns and matrix are those of the system. */
  readonly finest: Level;
  /**
   * Makes more pixels unknowns. `join` says what is new of the matrix: `add(p, q, value)` for an entry, of the two that a
   * symmetric matrix has of p ≠ q only one, in any order.
   */
  grow(join: (add: (p: number, q: number, value: number) => void) => void): void;
  /** One V-cycle: the finest level's `found` becomes about what the matrix makes its `given` of. */
  cycle(): void;
}

/** Below this many rows and columns there is no coarser grid. */
const COARSEST = 3;
/** Sweeps there and back on the coarsest grid. */
const SWEEPS = 8;

/**
 * A multigrid V-cycle (Brandt 1977; linear interpolation, Galerkin coarse grids): Gauss–Seidel on every grid, forwards on the
 * way down and backwards on the way up, so that the whole is symmetric and positive definite and preconditions conjugate
 * gradients. The work of one cycle is proportional to the unknowns, that of growing to those that are new: Galerkin's product
 * is linear, so that what is added to a matrix is all that is carried down.
 */
export function multigrid(height: number, width: number): Multigrid {
  const levels = [levelOf(height, width)];
  while (Math.max(levels.at(-1)!.height, levels.at(-1)!.width) > COARSEST) {
    const { height: h, width: w } = levels.at(-1)!;
    levels.push(levelOf((h >> 1) + 1, (w >> 1) + 1));
  }
  const cycle = (depth: number): void => {
    const level = levels[depth];
    sweepFirst(level);
    if (depth + 1 < levels.length) {
      toCoarser(level, levels[depth + 1]);
      cycle(depth + 1);
      toFiner(levels[depth + 1], level);
    } else
      for (let i = 1; i < SWEEPS; i++) {
        sweep(level, true);
        sweep(level, false);
      }
    sweep(level, true);
  };
  return {
    finest: levels[0],
    grow(join) {
      join(adding(levels[0]));
      for (const [depth, level] of levels.entries()) settle(level, levels[depth + 1]);
    },
    cycle: () => cycle(0),
  };
}

/** Adds to what is new of a level's matrix. */
function adding({ news, touched, row }: Level): (p: number, q: number, value: number) => void {
  const { own, right, lowerLeft, lower, lowerRight } = news;
  return (p, q, value) => {
    // The upper of two neighbours holds what joins them, or the left one.
    const from = Math.min(p, q);
    const away = Math.abs(q - p);
    touched[from] = 1;
    if (away === 0) own[from] += value;
    else if (away === 1) right[from] += value;
    else if (away === row - 1) lowerLeft[from] += value;
    else if (away === row) lower[from] += value;
    else lowerRight[from] += value;
  };
}

/** Makes what is new of a level's matrix a part of it, and carries it down: Pᵀ A P of the new part alone. */
function settle(level: Level, coarser: Level | undefined): void {
  const { matrix, news, touched, inverse, row, parents } = level;
  const add = coarser && adding(coarser);
  const [ofOne, ofOther] = [new Int32Array(4), new Int32Array(4)];
  /** Writes down a place's parents, of which it takes equal shares; how many they are. */
  const parentsOf = (place: number, into: Int32Array): number => {
    const first = parents[3 * place];
    const across = parents[3 * place + 1];
    const down = parents[3 * place + 2];
    let n = 0;
    into[n++] = first;
    if (across > 0) into[n++] = first + across;
    if (down > 0) into[n++] = first + down;
    if (across > 0 && down > 0) into[n++] = first + across + down;
    return n;
  };
  const carry = (p: number, q: number, value: number) => {
    if (!add) return;
    const [n, m] = [parentsOf(p, ofOne), parentsOf(q, ofOther)];
    const share = value / (n * m);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < m; j++) {
        const [a, b] = [ofOne[i], ofOther[j]];
        // Of p = q each two parents are met twice; of p ≠ q both halves of the matrix fall together on the diagonal.
        if (p !== q) add(a, b, a === b ? share * 2 : share);
        else if (a <= b) add(a, b, share);
      }
  };
  const settleOne = (of: keyof Stencils, p: number, q: number) => {
    const value = news[of][p];
    if (value === 0) return;
    matrix[of][p] += value;
    news[of][p] = 0;
    carry(p, q, value);
  };
  const unknowns: number[] = [];
  for (let p = 0; p < touched.length; p++) {
    if (touched[p]) {
      touched[p] = 0;
      settleOne('own', p, p);
      settleOne('right', p, p + 1);
      settleOne('lowerLeft', p, p + row - 1);
      settleOne('lower', p, p + row);
      settleOne('lowerRight', p, p + row + 1);
      inverse[p] = 1 / matrix.own[p];
    }
    if (matrix.own[p] > 0) unknowns.push(p);
  }
  level.unknowns = Int32Array.from(unknowns);
}
