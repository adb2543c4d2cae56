import { fail } from '../common/error.ts';
import { firstNotFinite } from '../common/finite.ts';
import type { Tensor } from '../graph/index.ts';
import type { FeatureKind, RowNorm } from './options.ts';

/** Rows of numbers, one for each heatmap: float32, row-major. */
export interface Features {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float32Array;
}

/** How relevance becomes a row before it is normalised. */
export interface FeatureOptions {
  readonly kind: FeatureKind;
  /** The longer side of maps, in cells; larger ones are reduced to it. */
  readonly side: number;
}

/** Rows and columns of a map's cells: the longer side is at most `side`. */
export function cellsOf(height: number, width: number, side: number): readonly [number, number] {
  const scale = Math.min(1, side / Math.max(height, width));
  return [Math.max(1, Math.round(height * scale)), Math.max(1, Math.round(width * scale))];
}

/** The shape of a row: `[cells down, cells across]`, `[channels]` or `[channels, cells down, cells across]`. */
export function featureShape(
  [channels, height, width]: readonly number[],
  { kind, side }: FeatureOptions,
): readonly number[] {
  if (kind === 'channels') return [channels];
  const cells = cellsOf(height, width, side);
  return kind === 'map' ? cells : [channels, ...cells];
}

/**
 * One image's relevance, 1×C×H×W or C×H×W, as a row. Sums are kept in float64. A cell holds the mean of the pixels that
 * it covers, parts of pixels by their area. Errors name `name`: another rank; relevance that is not finite.
 */
export function featuresOf(
  { shape, data }: Tensor<'float32'>,
  options: FeatureOptions,
  name: string,
): Float32Array {
  const [channels, height, width] = shape.length === 4 && shape[0] === 1 ? shape.slice(1) : shape;
  if (width === undefined || shape.length > 4) fail(name, `expected relevance C×H×W, got [${shape}]`);
  const bad = firstNotFinite(data);
  if (bad >= 0) fail(name, `element ${bad} is ${data[bad]}`, 'leave this map out');
  const pixels = height * width;
  if (options.kind === 'channels')
    return Float32Array.from({ length: channels }, (_, c) =>
      sum(data.subarray(c * pixels, (c + 1) * pixels)),
    );
  const [down, across] = cellsOf(height, width, options.side);
  if (options.kind === 'map') {
    const map = new Float64Array(pixels);
    for (let c = 0, i = 0; c < channels; c++) for (let p = 0; p < pixels; p++) map[p] += data[i++];
    return Float32Array.from(reduced(map, height, width, down, across));
  }
  const out = new Float32Array(channels * down * across);
  for (let c = 0; c < channels; c++)
    out.set(
      reduced(data.subarray(c * pixels, (c + 1) * pixels), height, width, down, across),
      c * down * across,
    );
  return out;
}

const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);

/** Means over the cells of a grid, rows and then columns. */
function reduced(
  map: ArrayLike<number>,
  height: number,
  width: number,
  down: number,
  across: number,
): Float64Array {
  const [rows, columns] = [spans(height, down), spans(width, across)];
  const narrow = new Float64Array(height * across);
  for (let y = 0; y < height; y++)
    columns.forEach((span, c) => {
      for (const [x, share] of span) narrow[y * across + c] += share * map[y * width + x];
    });
  const out = new Float64Array(down * across);
  rows.forEach((span, r) => {
    for (const [y, share] of span)
      for (let c = 0; c < across; c++) out[r * across + c] += share * narrow[y * across + c];
  });
  return out;
}

/** For each of `to` cells the pixels of `from` that it covers, and each one's share of it. */
function spans(from: number, to: number): (readonly [pixel: number, share: number])[][] {
  const each = from / to;
  return Array.from({ length: to }, (_, cell) => {
    const [start, end] = [cell * each, (cell + 1) * each];
    const span: (readonly [number, number])[] = [];
    for (let pixel = Math.floor(start + 1e-9); pixel < end - 1e-9; pixel++)
      span.push([pixel, (Math.min(end, pixel + 1) - Math.max(start, pixel)) / each]);
    return span;
  });
}

/** How rows are compared. */
export interface ComparisonOptions {
  readonly norm: RowNorm;
  /** Whether relevance against a class counts as such; otherwise by its size alone. */
  readonly signed: boolean;
}

/** Makes rows ready to be compared, in place: their absolutes where signs do not count, then their length. */
export function normaliseRows(features: Features, { norm, signed }: ComparisonOptions): Features {
  const { rows, columns, data } = features;
  for (let i = 0; i < rows; i++) {
    const row = data.subarray(i * columns, (i + 1) * columns);
    if (!signed) for (let j = 0; j < columns; j++) row[j] = Math.abs(row[j]);
    const length = lengthOf(row, norm);
    // A map of zeros has no direction, and stays.
    if (length > 0) for (let j = 0; j < columns; j++) row[j] /= length;
  }
  return features;
}

function lengthOf(row: Float32Array, norm: RowNorm): number {
  if (norm === 'none') return 1;
  if (norm === 'l1') return row.reduce((total, value) => total + Math.abs(value), 0);
  if (norm === 'max') return row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return Math.sqrt(row.reduce((total, value) => total + value * value, 0));
}

/** Some of the rows, in the order given. */
export function rowsAt({ columns, data }: Features, which: readonly number[]): Features {
  const out = new Float32Array(which.length * columns);
  which.forEach((row, i) => {
    out.set(data.subarray(row * columns, (row + 1) * columns), i * columns);
  });
  return { rows: which.length, columns, data: out };
}
