import { float32, type GraphBuilder } from '../../graph/index.ts';
import type { KernelWindow } from '../shapes.ts';
import type { Convolution } from './transposed.ts';
import { weightGradient } from './weightgradient.ts';

/*
 * Winograd's minimal filtering (Winograd 1980; Lavin and Gray 2016) along the rows of a picture: m rows of output at a
 * time, from m + k − 1 rows of input, in as many products instead of m·k:
 *
 *     y = Aᵀ[(G w) ⊙ (Bᵀ x)],
 *
 * where ⊙ is, for each of the m + k − 1 places, a convolution along the columns and over the channels. 5 rows: 2.5 times
 * less arithmetic; 3 rows: twice less. Along both axes it would be less still, but the rounding would grow beyond that
 * of plain float32 convolutions by much more than the factor of 3 that it grows here.
 */

/** Rows of output at a time. */
const rowsOut = 4;

/** Points at which polynomials are evaluated; infinity is one more. Small powers of two, for which float32 is exact. */
const points = [0, 1, -1, 0.5, -0.5, 2, -2];

/** Whether it pays: kernels of 3 or 5 rows that move by one, and channels enough to make up for rearranging them. */
export function tilesRows({ axes, groups, channels, outputs }: Convolution): boolean {
  const [rows] = axes;
  return (
    axes.length === 2 &&
    groups === 1 &&
    axes.every((w) => w.stride === 1 && w.dilation === 1) &&
    (rows.kernel === 3 || rows.kernel === 5) &&
    rows.output >= 2 * rowsOut &&
    (channels * outputs) / (channels + outputs) >= (rows.kernel === 5 ? 20 : 40)
  );
}

/** The convolution of x (N×C×H×W) with weights K×C×k×l, without bias. */
export function tiledConv(b: GraphBuilder, c: Convolution, x: string, weight: string): string {
  const [rows, columns] = c.axes;
  const { places, tiles } = tiling(rows);
  const flat = b.op('Reshape', [
    b.op('Transpose', [weight], { perm: [2, 0, 1, 3] }),
    b.ints(rows.kernel, c.outputs * c.channels * columns.kernel),
  ]);
  const filters = b.op('Reshape', [
    b.op('MatMul', [matrix(b, rows.kernel, 'G'), flat]),
    b.ints(places * c.outputs, c.channels, 1, columns.kernel),
  ]);
  const products = b.op('Conv', [inputTiles(b, c, x), filters], {
    kernel_shape: [1, columns.kernel],
    pads: [0, columns.before, 0, columns.after],
    group: places,
  });
  const apart = b.op('Reshape', [products, b.ints(-1, places, c.outputs * tiles * columns.output)]);
  const out = b.op('MatMul', [matrix(b, rows.kernel, 'At'), apart]);
  const ordered = b.op(
    'Transpose',
    [b.op('Reshape', [out, b.ints(-1, rowsOut, c.outputs, tiles, columns.output)])],
    { perm: [0, 2, 3, 1, 4] },
  );
  const whole = b.op('Reshape', [ordered, b.ints(-1, c.outputs, tiles * rowsOut, columns.output)]);
  return tiles * rowsOut === rows.output
    ? whole
    : b.op('Slice', [whole, b.ints(0), b.ints(rows.output), b.ints(2)]);
}

/** The gradient of the weights: Gᵀ[(A dy) ⊙ (Bᵀ x)], summed over tiles and images; the second factor is the forward's. */
export function tiledWeightGradient(b: GraphBuilder, c: Convolution, x: string, dy: string): string {
  const [rows, columns] = c.axes;
  const { places, tiles } = tiling(rows);
  const cotangents = rowTiles(
    b,
    { ...rows, input: rows.output, before: 0 },
    { channels: c.outputs, columns: columns.output, length: rowsOut },
    matrix(b, rows.kernel, 'A'),
    dy,
  );
  const one = { kernel: 1, stride: 1, dilation: 1, before: 0, after: 0, input: tiles, output: tiles };
  const inner = {
    axes: [one, columns],
    groups: places,
    channels: places * c.channels,
    outputs: places * c.outputs,
  };
  const gradient = weightGradient(b, inner, inputTiles(b, c, x), cotangents);
  const flat = b.op('Reshape', [gradient, b.ints(places, c.outputs * c.channels * columns.kernel)]);
  const back = b.op('Reshape', [
    b.op('MatMul', [matrix(b, rows.kernel, 'Gt'), flat]),
    b.ints(rows.kernel, c.outputs, c.channels, columns.kernel),
  ]);
  return b.op('Transpose', [back], { perm: [1, 2, 0, 3] });
}

const tiling = ({ kernel, output }: KernelWindow) => ({
  places: rowsOut + kernel - 1,
  tiles: Math.ceil(output / rowsOut),
});

/** Bᵀ x: N×(places·C)×tiles×W. */
const inputTiles = (b: GraphBuilder, { axes: [rows, columns], channels }: Convolution, x: string): string =>
  rowTiles(
    b,
    rows,
    { channels, columns: columns.input, length: tiling(rows).places },
    matrix(b, rows.kernel, 'Bt'),
    x,
  );

/** Multiplies every tile of `length` rows, one every {@link rowsOut} rows, by a matrix: a convolution of each channel. */
function rowTiles(
  b: GraphBuilder,
  rows: KernelWindow,
  { channels, columns, length }: { channels: number; columns: number; length: number },
  by: string,
  x: string,
): string {
  const { places, tiles } = tiling(rows);
  const after = (tiles - 1) * rowsOut + length - rows.before - rows.input;
  const each = b.op(
    'Conv',
    [
      b.op('Reshape', [x, b.ints(-1, 1, rows.input, columns)]),
      b.op('Reshape', [by, b.ints(places, 1, length, 1)]),
    ],
    { kernel_shape: [length, 1], strides: [rowsOut, 1], pads: [rows.before, 0, after, 0] },
  );
  const apart = b.op('Reshape', [each, b.ints(-1, channels, places, tiles * columns)]);
  return b.op('Reshape', [
    b.op('Transpose', [apart], { perm: [0, 2, 1, 3] }),
    b.ints(-1, places * channels, tiles, columns),
  ]);
}

function matrix(b: GraphBuilder, kernel: number, which: 'A' | 'At' | 'Bt' | 'G' | 'Gt'): string {
  return b.table(`winograd ${which} ${kernel}`, () => {
    const { analysis, filter, synthesis } = matrices(kernel);
    const transposed = (rows: readonly (readonly number[])[]) =>
      rows[0].map((_, j) => rows.map((row) => row[j]));
    const rows = {
      A: () => transposed(synthesis),
      At: () => synthesis,
      Bt: () => analysis,
      G: () => filter,
      Gt: () => transposed(filter),
    }[which]();
    return float32([rows.length, rows[0].length], rows.flat());
  });
}

/**
 * Bᵀ (analysis), G (filter) and Aᵀ (synthesis) of Toom and Cook's algorithm, transposed: filters are evaluated at the
 * points, and the input is multiplied by the coefficients of Lagrange's polynomials.
 */
function matrices(kernel: number) {
  const finite = points.slice(0, rowsOut + kernel - 2);
  const last = (n: number) => Array.from({ length: n }, (_, i) => (i === n - 1 ? 1 : 0));
  const powers = (point: number, n: number) => Array.from({ length: n }, (_, i) => point ** i);
  const others = finite.map((point) => finite.filter((other) => other !== point));
  const scales = finite.map((point, i) => others[i].reduce((product, other) => product * (point - other), 1));
  return {
    analysis: [...others.map((roots) => [...withRoots(roots), 0]), withRoots(finite)],
    filter: [
      ...finite.map((point, i) => powers(point, kernel).map((value) => value / scales[i])),
      last(kernel),
    ],
    synthesis: Array.from({ length: rowsOut }, (_, row) => [
      ...finite.map((point) => point ** row),
      last(rowsOut)[row],
    ]),
  };
}

/** The coefficients of Π (x − root), the constant first. */
function withRoots(roots: readonly number[]): number[] {
  return roots.reduce<number[]>(
    (c, root) => Array.from({ length: c.length + 1 }, (_, i) => (c[i - 1] ?? 0) - root * (c[i] ?? 0)),
    [1],
  );
}
