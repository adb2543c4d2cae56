import { type GraphBuilder, size } from '../../graph/index.ts';
import { onesKernel } from '../convolution/channels.ts';
import { transposeConvolution } from '../convolution/transposed.ts';
import type { Operator } from '../operator.ts';
import { orderOf, overPower, root, slopeOfPower, toPower } from '../reduction/norm.ts';
import { type KernelWindow, pads, seenThroughWindows, windows } from '../shapes.ts';
import type { Site } from '../site.ts';

/** y = (Σ |x|^p)^(1/p) over windows, p 2 unless given; padding counts nothing. */
export const lpPool: Operator = {
  op: 'LpPool',
  shapes: (site) => [[...site.shape(0).slice(0, 2), ...axesOf(site).map((w) => w.output)]],
  role: () => ({ kind: 'sum', linear: false }),
  nonNegative: () => true,
  roundsWindows: true,
  sees: (site, spans) => seenThroughWindows(axesOf(site), spans),
  vjp(b, site, [dy]) {
    if (dy === undefined) return undefined;
    const [p, axes, channels] = [orderOf(site), axesOf(site), site.dim(0, 1)];
    const share = overPower(b, dy, site.node.outputs[0], p);
    const kernel = onesKernel(
      b,
      channels,
      axes.map((w) => w.kernel),
    );
    const geometry = { axes, groups: channels, channels, outputs: channels };
    return b.op('Mul', [slopeOfPower(b, site.input(0), p), transposeConvolution(b, geometry, share, kernel)]);
  },
  // The kernel of ONNX Runtime is for the CPU only, and does not know ceil_mode.
  lower: (b, site) => root(b, windowSum(b, site, toPower(b, site.input(0), orderOf(site))), orderOf(site)),
};

const axesOf = (site: Site): KernelWindow[] => windows(site, site.ints('kernel_shape'));

function windowSum(b: GraphBuilder, site: Site, x: string): string {
  const [axes, channels] = [axesOf(site), site.dim(0, 1)];
  return sumOverWindows(b, axes, channels, x);
}

/** Σ over windows of each channel: a convolution with ones. */
export function sumOverWindows(
  b: GraphBuilder,
  axes: readonly KernelWindow[],
  channels: number,
  x: string,
): string {
  const kernel = axes.map((w) => w.kernel);
  if (size(kernel) === 1 && axes.every((w) => w.stride === 1 && w.before === 0 && w.after === 0)) return x;
  return b.op('Conv', [x, onesKernel(b, channels, kernel)], {
    kernel_shape: kernel,
    strides: axes.map((w) => w.stride),
    dilations: axes.map((w) => w.dilation),
    pads: pads(axes),
    group: channels,
  });
}
