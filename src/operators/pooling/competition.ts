import { float32, type GraphBuilder, size } from '../../graph/index.ts';
import { transposeConvolution } from '../convolution/transposed.ts';
import type { Competition } from '../operator.ts';
import type { KernelWindow } from '../shapes.ts';
import type { Site } from '../site.ts';
import { cellAlong, lowest, placedAlong } from './shift.ts';

/**
 * The cells of windows compete with each other. Cells of windows that move by more than one are picked out by a convolution: taking the
 * input apart into every s-th row and column was no faster. Those that move by one are shifted, in three times as many nodes,
 * which takes no longer to run but to get ready; the kernels that pick grow with the square of a window.
 */
export const competitionInWindows = (
  b: GraphBuilder,
  site: Site,
  axes: readonly KernelWindow[],
): Competition => {
  const shifts =
    axes.every((w) => w.stride === 1) && !(b.once && size(axes.map((w) => w.kernel)) <= fewCells);
  return shifts ? shiftedCells(b, site, axes) : selectedCells(b, site, axes);
};

/** Of 3×3. */
const fewCells = 9;

/**
 * Where windows move by one, a cell of all of them is the input shifted, along one axis after the other; shares are shifted back and
 * added, in the reverse order.
 */
function shiftedCells(b: GraphBuilder, site: Site, axes: readonly KernelWindow[]): Competition {
  const rank = axes.length + 2;
  const cellsOf = (w: KernelWindow) => Array.from({ length: w.kernel }, (_, k) => k);
  return {
    // The last axis varies fastest.
    values: axes.reduce<readonly string[]>(
      (values, w, i) =>
        values.flatMap((value) => cellsOf(w).map((k) => cellAlong(b, w, k, i + 2, rank, value))),
      [site.input(0)],
    ),
    axes: [],
    rank,
    among: (value) => value,
    back: (shares) =>
      axes.reduceRight<readonly string[]>(
        (each, w, i) =>
          Array.from({ length: each.length / w.kernel }, (_, run) =>
            cellsOf(w)
              .map((k) => placedAlong(b, w, k, i + 2, rank, each[run * w.kernel + k]))
              .reduce((sum, placed) => b.op('Add', [sum, placed])),
          ),
        shares,
      )[0],
  };
}

/**
 * The cells of each window beside each other, N×C×cells×outputs: a convolution of every channel with one kernel per cell,
 * which is 1 there and 0 elsewhere, and its transpose.
 */
function selectedCells(b: GraphBuilder, site: Site, axes: readonly KernelWindow[]): Competition {
  const channels = site.dim(0, 1);
  const kernel = axes.map((w) => w.kernel);
  const outputs = axes.map((w) => w.output);
  const cells = size(kernel);
  const rank = kernel.length + 3;
  const selection = b.op('Reshape', [
    b.op('Expand', [oneHot(b, kernel), b.ints(channels, cells, 1, ...kernel)]),
    b.ints(channels * cells, 1, ...kernel),
  ]);
  const selected = b.op('Conv', [padded(b, site.input(0), axes), selection], {
    kernel_shape: kernel,
    strides: axes.map((w) => w.stride),
    dilations: axes.map((w) => w.dilation),
    group: channels,
  });
  const geometry = { axes, groups: channels, channels, outputs: channels * cells };
  return {
    values: [b.op('Reshape', [selected, b.ints(0, channels, cells, ...outputs)])],
    rank,
    axes: [2],
    among: (value) => b.op('Unsqueeze', [value, b.ints(2)]),
    back: ([shares]) =>
      transposeConvolution(
        b,
        geometry,
        b.op('Reshape', [shares, b.ints(0, channels * cells, ...outputs)]),
        selection,
      ),
  };
}

/** A kernel for each cell of a window, 1×cells×1×kernel. */
function oneHot(b: GraphBuilder, kernel: readonly number[]): string {
  const cells = size(kernel);
  const shape = [1, cells, 1, ...kernel];
  return b.table(`one hot ${shape}`, () =>
    float32(
      shape,
      Float32Array.from({ length: cells * cells }, (_, i) => (i % (cells + 1) === 0 ? 1 : 0)),
    ),
  );
}

/** Padding never wins. */
function padded(b: GraphBuilder, x: string, axes: readonly KernelWindow[]): string {
  const [before, after] = [axes.map((w) => w.before), axes.map((w) => w.after)];
  if ([...before, ...after].every((n) => n === 0)) return x;
  return b.op('Pad', [x, b.ints(0, 0, ...before, 0, 0, ...after), b.scalar(lowest)]);
}
