import { float32, type GraphBuilder, size } from '../../graph/index.ts';
import { transposeConvolution } from '../convolution/transposed.ts';
import type { Competition } from '../operator.ts';
import type { KernelWindow } from '../shapes.ts';
import type { Site } from '../site.ts';

/** Less than anything that a network computes. */
export const lowest = -3.4e38;

/**
 * The cells of each window beside each other, N×C×cells×outputs: a convolution of every channel with one kernel per cell,
 * which is 1 there and 0 elsewhere, and its transpose.
 */
export function competitionInWindows(
  b: GraphBuilder,
  site: Site,
  axes: readonly KernelWindow[],
): Competition {
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
    values: b.op('Reshape', [selected, b.ints(0, channels, cells, ...outputs)]),
    rank,
    axes: [2],
    among: (value) => b.op('Unsqueeze', [value, b.ints(2)]),
    back: (shares) =>
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
