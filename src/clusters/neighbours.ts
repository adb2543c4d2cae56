import { fail } from '../common/error.ts';
import { float32, type Graph, GraphBuilder, numbers } from '../graph/index.ts';
import type { Runtime, SessionOptions } from '../runtime/index.ts';
import type { Features } from './features.ts';

/** The nearest others of each row, the nearest first: rows · count numbers each. */
export interface Neighbours {
  readonly rows: number;
  readonly count: number;
  readonly indices: Int32Array;
  /** Euclidean, in float64. */
  readonly distances: Float64Array;
}

/** How nearest neighbours are looked for. */
export interface NeighbourOptions {
  readonly session?: SessionOptions | undefined;
  /** Rows among which neighbours are looked for at a time; what fills 64 MiB unless given. */
  readonly block?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Hears how many rows have their neighbours. */
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** Rows whose neighbours are looked for in one run. */
const QUERIES = 512;

/** Numbers in a block of rows. */
const BLOCK = 2 ** 24;

/**
 * The `count` nearest other rows of each row, exactly: every distance is computed. The products of rows, which are nearly
 * all of the work, are one matrix product after the other on ONNX Runtime; as they are float32, a few more rows than
 * asked for are taken, and their distances computed in float64. Of rows that are equally far the first is nearer.
 * Errors: fewer than `count` others.
 */
export async function nearestNeighbours(
  features: Features,
  count: number,
  runtime: Runtime,
  { session: options, block: asked, signal, onProgress }: NeighbourOptions = {},
): Promise<Neighbours> {
  const { rows, columns, data } = features;
  if (!(count >= 1 && count < rows)) fail('neighbours', `${count} of ${rows} rows`, 'ask for fewer');
  const block = Math.min(rows, asked ?? Math.max(256, Math.floor(BLOCK / columns)));
  // Itself, and some whose order float32 may have mistaken.
  const wanted = count + 1 + 8;
  const halves = negativeHalves(features);
  const indices = new Int32Array(rows * count);
  const distances = new Float64Array(rows * count);
  const session = await runtime.load(productGraph(columns), options);
  const part = (from: number, to: number) =>
    float32([to - from, columns], data.subarray(from * columns, to * columns));
  try {
    for (let from = 0; from < rows; from += QUERIES) {
      signal?.throwIfAborted();
      const to = Math.min(rows, from + QUERIES);
      const candidates = Array.from({ length: to - from }, (): number[] => []);
      for (let start = 0; start < rows; start += block) {
        const end = Math.min(rows, start + block);
        const k = Math.min(wanted, end - start);
        const found = await session.run({
          queries: part(from, to),
          rows: part(start, end),
          halves: float32([1, end - start], halves.subarray(start, end)),
          k: { type: 'int64', shape: [1], data: BigInt64Array.of(BigInt(k)) },
        });
        const places = numbers(found.places);
        candidates.forEach((list, q) => {
          for (let j = 0; j < k; j++) list.push(start + places[q * k + j]);
        });
      }
      candidates.forEach((list, q) => {
        const row = from + q;
        const nearest = list
          .filter((other) => other !== row)
          .map((other) => ({ other, distance: distance(features, row, other) }))
          .sort((a, b) => a.distance - b.distance || a.other - b.other)
          .slice(0, count);
        nearest.forEach((each, j) => {
          indices[row * count + j] = each.other;
          distances[row * count + j] = each.distance;
        });
      });
      onProgress?.(to, rows);
    }
  } finally {
    await session.release();
  }
  return { rows, count, indices, distances };
}

/** Of |a − b|² = |a|² − 2 (a·b − |b|²/2), what depends on b: the largest are the nearest. */
function productGraph(columns: number): Graph {
  const b = new GraphBuilder('neighbours');
  b.input({ name: 'queries', type: 'float32', shape: ['queries', columns] });
  b.input({ name: 'rows', type: 'float32', shape: ['rows', columns] });
  b.input({ name: 'halves', type: 'float32', shape: [1, 'rows'] });
  b.input({ name: 'k', type: 'int64', shape: [1] });
  const products = b.op('Gemm', ['queries', 'rows', 'halves'], { transB: 1 });
  const [, places] = b.ops('TopK', [products, 'k'], 2, { axis: 1, largest: 1, sorted: 0 });
  b.output(places, { name: 'places', type: 'int64', shape: ['queries', 'k'] });
  return b.build();
}

/** −|b|²/2 of each row. */
function negativeHalves({ rows, columns, data }: Features): Float32Array {
  return Float32Array.from({ length: rows }, (_, i) => {
    let sum = 0;
    for (let j = i * columns; j < (i + 1) * columns; j++) sum += data[j] * data[j];
    return -sum / 2;
  });
}

function distance({ columns, data }: Features, a: number, b: number): number {
  let sum = 0;
  for (let j = 0, p = a * columns, q = b * columns; j < columns; j++) sum += (data[p++] - data[q++]) ** 2;
  return Math.sqrt(sum);
}
