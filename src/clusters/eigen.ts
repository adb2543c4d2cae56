import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { fail } from '../common/error.ts';
import { fillNormal } from '../common/random.ts';

/** A symmetric matrix that is known by what it does to a vector. */
export interface SymmetricOperator {
  readonly size: number;
  /** Writes A x to `out`. */
  apply(x: Float64Array, out: Float64Array): void;
}

/** Eigenvalues, the largest first, and their vectors of length 1. */
export interface Eigenpairs {
  readonly values: Float64Array;
  readonly vectors: readonly Float64Array[];
}

/** How exactly eigenvalues are found. */
export interface EigenOptions {
  /** As often as an eigenvalue may come at most; 4 unless given. More copies than these may be missed. */
  readonly copies?: number | undefined;
  /** The largest |A x − λ x|, as a share of the largest |λ|; 1e-8 unless given. */
  readonly tolerance?: number | undefined;
  readonly seed?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Matrices up to this size are decomposed as a whole. */
const DENSE = 200;

/** Restarts after which it is an error that the largest have not been found. */
const RESTARTS = 500;

/** Blocks by which a space grows before it is restarted. */
const STEPS = 6;

/**
 * The `count` largest eigenvalues of a symmetric matrix. Block Lanczos with full orthogonalisation and thick restarts
 * (Wu and Simon 2000): as a block holds more vectors than there are copies, eigenvalues that are equal are all found, which
 * graphs of several parts have. What does not come at once is looked for with a polynomial of the matrix that lets all
 * but the largest shrink ({@link filtered}), as multiplying by a sparse matrix costs less than orthogonalising. What
 * converges slowly costs restarts, never accuracy. Each vector's largest number is positive. Errors: so many do not
 * converge.
 */
export function largestEigenpairs(
  operator: SymmetricOperator,
  count: number,
  { copies = 4, tolerance = 1e-8, seed = 1, signal }: EigenOptions = {},
): Eigenpairs {
  const { size } = operator;
  if (count === 0) return { values: new Float64Array(), vectors: [] };
  if (size <= DENSE || 4 * count > size) return dense(operator, count);
  // Blocks no larger than need be: of a space of one size, more of them reach further.
  const block = copies + 2;
  const keep = count + block;
  const most = Math.min(size, keep + STEPS * block);
  let space = new Subspace(operator, seed);
  for (let restart = 0; restart < RESTARTS; restart++) {
    signal?.throwIfAborted();
    if (space.length === 0) space.extend(Array.from({ length: block }, () => undefined));
    while (space.length + block <= most) space.extend(space.images.slice(-block));
    const { values, vectors, images } = space.ritz(keep);
    const found = quotients(operator, vectors);
    const limit = tolerance * Math.max(Math.abs(found[0].value), Number.MIN_VALUE);
    if (found.slice(0, count).every(({ residual }) => residual <= limit)) return pairsOf(found, count);
    if (restart === 0) {
      space = new Subspace(filtered(operator, boundsOf(found, space)), seed);
      continue;
    }
    const residuals = vectors
      .map((vector, i) => combined(images[i], -values[i], vector))
      .map((vector) => ({ vector, length: norm(vector) }))
      .filter(({ length }) => length > 1e-12 * Math.abs(values[0]))
      .sort((a, b) => b.length - a.length);
    space.restart(vectors, images);
    // All residuals lie in as many dimensions as a block has: the longest span them.
    space.extend(residuals.slice(0, block).map(({ vector }) => vector));
  }
  return fail('eigenvalues', `the ${count} largest of ${size} do not converge`, 'ask for fewer');
}

/** What a vector of length 1 is as an eigenvector. */
interface Quotient {
  /** xᵀ A x. */
  readonly value: number;
  readonly vector: Float64Array;
  /** |A x − value x|. */
  readonly residual: number;
}

/** Vectors as eigenvectors of a matrix, those of the largest values first. */
function quotients({ size, apply }: SymmetricOperator, vectors: readonly Float64Array[]): Quotient[] {
  const image = new Float64Array(size);
  return vectors
    .map((vector) => {
      apply(vector, image);
      const value = dot(vector, image);
      return { value, vector, residual: norm(combined(image, -value, vector)) };
    })
    .sort((a, b) => b.value - a.value);
}

const pairsOf = (found: readonly Quotient[], count: number): Eigenpairs => ({
  values: Float64Array.from(found.slice(0, count), ({ value }) => value),
  vectors: found.slice(0, count).map(({ vector }) => signed(vector)),
});

/** Where a matrix has eigenvalues that are not looked for, and its largest. */
interface Bounds {
  readonly low: number;
  readonly cut: number;
  readonly top: number;
}

/** What a first space says of where the eigenvalues are. */
function boundsOf(found: readonly Quotient[], space: Subspace): Bounds {
  const least = space.least();
  return { low: least, cut: Math.max(found.at(-1)!.value, least), top: found[0].value };
}

/** How much smaller than the largest eigenvalue a filter makes those that are not looked for. */
const DAMPING = 1e3;

/** The highest power in a filter. */
const DEGREE = 40;

/**
 * A polynomial of a matrix that is small where eigenvalues are not looked for, from `low` to `cut`, and grows from there
 * to 1 at `top`: Chebyshev's of the degree that {@link DAMPING} asks for (Zhou and Saad 2007, algorithm 3.2, which scales
 * it so). Its eigenvectors are the matrix' own.
 */
function filtered({ size, apply }: SymmetricOperator, { low, cut, top }: Bounds): SymmetricOperator {
  const [middle, half] = [(cut + low) / 2, (cut - low) / 2];
  if (!(half > 0 && top > cut)) return { size, apply };
  const reach = (top - middle) / half;
  const degree = Math.min(DEGREE, Math.floor(Math.acosh(DAMPING) / Math.acosh(reach)));
  if (degree < 2) return { size, apply };
  return {
    size,
    apply(x, out) {
      let [before, now, image] = [x.slice(), new Float64Array(size), new Float64Array(size)];
      const first = 1 / reach;
      let scale = first;
      apply(x, image);
      for (let i = 0; i < size; i++) now[i] = ((image[i] - middle * x[i]) * first) / half;
      for (let power = 2; power <= degree; power++) {
        const next = 1 / (2 * reach - scale);
        apply(now, image);
        for (let i = 0; i < size; i++)
          before[i] = ((image[i] - middle * now[i]) * 2 * next) / half - scale * next * before[i];
        [before, now] = [now, before];
        scale = next;
      }
      out.set(now);
    },
  };
}

/** An orthonormal basis that grows by blocks, and what the operator makes of it. */
class Subspace {
  readonly #operator: SymmetricOperator;
  readonly #seed: number;
  #drawn = 0;
  #basis: Float64Array[] = [];
  images: Float64Array[] = [];

  constructor(operator: SymmetricOperator, seed: number) {
    this.#operator = operator;
    this.#seed = seed;
  }

  get length(): number {
    return this.#basis.length;
  }

  /** Adds what of these vectors is new; one that has nothing new, or is not given, gives way to a random one. */
  extend(vectors: readonly (Float64Array | undefined)[]): void {
    const { size } = this.#operator;
    for (const given of vectors) {
      if (this.length === size) return;
      let vector = given && this.#orthonormal(given);
      while (!vector) {
        const random = new Float32Array(size);
        fillNormal(random, this.#seed, this.#drawn++);
        vector = this.#orthonormal(Float64Array.from(random));
      }
      const image = new Float64Array(size);
      this.#operator.apply(vector, image);
      this.#basis.push(vector);
      this.images.push(image);
    }
  }

  /** The vector without what the basis has of it, of length 1; undefined if rounding errors are all that is left. */
  #orthonormal(given: Float64Array): Float64Array | undefined {
    const vector = given.slice();
    const before = norm(vector);
    // Once leaves what cancellation made of the small rest; twice is enough (Kahan; Parlett 1998, section 6.9).
    for (let pass = 0; pass < 2; pass++)
      for (const each of this.#basis) add(vector, -dot(each, vector), each);
    const after = norm(vector);
    if (!(after > 1e-10 * before)) return undefined;
    return vector.map((value) => value / after);
  }

  /** The best approximations within the space (Rayleigh–Ritz), the largest first, with their images. */
  ritz(keep: number): { values: number[]; vectors: Float64Array[]; images: Float64Array[] } {
    const n = this.length;
    const projected = Matrix.zeros(n, n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j <= i; j++) {
        const value = dot(this.#basis[i], this.images[j]);
        projected.set(i, j, value);
        projected.set(j, i, value);
      }
    const { order, values, matrix } = decomposed(projected);
    const mixed = (of: readonly Float64Array[], column: number) => {
      const out = new Float64Array(this.#operator.size);
      of.forEach((each, i) => {
        add(out, matrix.get(i, column), each);
      });
      return out;
    };
    const kept = order.slice(0, keep);
    return {
      values: kept.map((column) => values[column]),
      vectors: kept.map((column) => mixed(this.#basis, column)),
      images: kept.map((column) => mixed(this.images, column)),
    };
  }

  /** The least that the space knows of: no eigenvalue is far below it. */
  least(): number {
    const least = this.ritz(this.length);
    const last = this.length - 1;
    return least.values[last] - norm(combined(least.images[last], -least.values[last], least.vectors[last]));
  }

  restart(vectors: readonly Float64Array[], images: readonly Float64Array[]): void {
    this.#basis = [...vectors];
    this.images = [...images];
  }
}

function decomposed(matrix: Matrix) {
  const found = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const values = found.realEigenvalues;
  const order = values.map((_, i) => i).sort((a, b) => values[b] - values[a]);
  return { order, values, matrix: found.eigenvectorMatrix };
}

function dense({ size, apply }: SymmetricOperator, count: number): Eigenpairs {
  const matrix = Matrix.zeros(size, size);
  const out = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    const unit = new Float64Array(size);
    unit[j] = 1;
    apply(unit, out);
    for (let i = 0; i < size; i++) matrix.set(i, j, out[i]);
  }
  const { order, values, matrix: vectors } = decomposed(matrix);
  const kept = order.slice(0, count);
  return {
    values: Float64Array.from(kept, (column) => values[column]),
    vectors: kept.map((column) => signed(Float64Array.from(vectors.getColumn(column)))),
  };
}

/** A vector or its opposite, whichever has a positive number of the largest size. */
function signed(vector: Float64Array): Float64Array {
  const largest = vector.reduce((best, value) => (Math.abs(value) > Math.abs(best) ? value : best), 0);
  return largest < 0 ? vector.map((value) => -value) : vector;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function add(to: Float64Array, factor: number, vector: Float64Array): void {
  for (let i = 0; i < to.length; i++) to[i] += factor * vector[i];
}

const norm = (vector: Float64Array): number => Math.sqrt(dot(vector, vector));

function combined(a: Float64Array, factor: number, b: Float64Array): Float64Array {
  const out = a.slice();
  add(out, factor, b);
  return out;
}
