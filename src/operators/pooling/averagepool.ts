import { float32, type GraphBuilder, size, type Tensor } from '../../graph/index.ts';
import { onesKernel } from '../convolution/channels.ts';
import { perChannel, transposeConvolution } from '../convolution/transposed.ts';
import type { LinearMap } from '../linear.ts';
import type { Operator } from '../operator.ts';
import { type KernelWindow, seenCells, seenThroughWindows, windows } from '../shapes.ts';
import type { Site } from '../site.ts';
import { sumOverWindows } from './lppool.ts';

/**
 * Average pooling. With `count_include_pad` a window is divided by its cells on the padded input, so that with
 * `ceil_mode` it is what Caffe does; without, by its cells on the input.
 */
export const averagePool: Operator = {
  op: 'AveragePool',
  shapes: (site) => [[...site.shape(0).slice(0, 2), ...axesOf(site).map((w) => w.output)]],
  // Dilations came with operator set 19.
  since: ({ attributes: { dilations } }) =>
    Array.isArray(dilations) && dilations.some((n) => n !== 1) ? 19 : 18,
  lower: (b, site) => (isDilated(axesOf(site)) ? averaged(b, site, site.input(0)) : undefined),
  role: (site) => ({ kind: 'linear', map: mapOf(site) }),
  roundsWindows: true,
  sees: (site, spans) => seenThroughWindows(axesOf(site), spans),
  nonNegative: (site, known) => known(site.input(0)),
  // A window that counts padding has less of a shift than others.
  through(site, affine) {
    const [divided, seen] = [divisors(site, axesOf(site)), grid(axesOf(site).map(seenCells))];
    const isWhole = divided.data.every((n, i) => n === seen.data[i]);
    return isWhole || affine.shift.every((t) => t === 0) ? [affine] : undefined;
  },
  vjp: (b, site, [dy]) => dy && mapOf(site).transpose(b, dy, undefined),
};

const isDilated = (axes: readonly KernelWindow[]): boolean => axes.some((w) => w.dilation > 1);

/** The average as sums of windows, divided. */
const averaged = (b: GraphBuilder, site: Site, x: string): string =>
  divided(b, site, sumOverWindows(b, axesOf(site), site.dim(0, 1), x));

/** Sums of windows divided by their cells. */
function divided(b: GraphBuilder, site: Site, sums: string): string {
  const divisor = divisors(site, axesOf(site));
  const even = divisor.data.every((n) => n === divisor.data[0]);
  return b.op('Div', [sums, even ? b.scalar(divisor.data[0]) : b.constant(divisor)]);
}

const axesOf = (site: Site): KernelWindow[] => windows(site, site.ints('kernel_shape'));

/** The products of one number per position of each axis, in the shape 1×1×…: broadcasts against an image. */
function grid(perAxis: readonly (readonly number[])[]): Tensor<'float32'> {
  const data = perAxis.reduce<number[]>((outer, axis) => outer.flatMap((n) => axis.map((m) => n * m)), [1]);
  return float32([1, 1, ...perAxis.map((axis) => axis.length)], data);
}

/** The cells that each window is divided by. */
function divisors(site: Site, axes: readonly KernelWindow[]): Tensor<'float32'> {
  if (site.int('count_include_pad', 0) === 0) return grid(axes.map(seenCells));
  const given =
    site.string('auto_pad', 'NOTSET') === 'NOTSET'
      ? site.ints(
          'pads',
          axes.flatMap(() => [0, 0]),
        )
      : undefined;
  // The padded input taken as the input: what ceil mode added at its end is no part of it.
  const padded = axes.map((w, i) => {
    const after = given ? given[i + axes.length] : w.after;
    return { ...w, input: w.before + w.input + after, before: 0 };
  });
  return grid(padded.map(seenCells));
}

function mapOf(site: Site): LinearMap {
  const axes = axesOf(site);
  const channels = site.dim(0, 1);
  const kernel = axes.map((w) => w.kernel);
  const whole = axes.every((w) => w.output === 1 && w.before === 0 && w.kernel === w.input);
  const spread = (b: GraphBuilder, s: string) =>
    whole
      ? b.op('Expand', [s, b.ints(1, 1, ...kernel)])
      : transposeConvolution(
          b,
          { axes, groups: channels, channels, outputs: channels },
          s,
          onesKernel(b, channels, kernel),
        );
  return {
    kind: 'average',
    input: 0,
    groups: channels,
    fanIn: 1,
    cells: size(kernel),
    apply(b, x, _, bias) {
      const y = isDilated(axes) ? averaged(b, site, x) : b.op('AveragePool', [x], site.node.attributes);
      return bias === undefined ? y : b.op('Add', [y, perChannel(b, bias, kernel.length)]);
    },
    transpose: (b, s) => spread(b, divided(b, site, s)),
    windowSum: (b) => b.scalar(1),
    perOutput: (b, vector) => perChannel(b, vector, kernel.length),
    seen: () => grid(axes.map(seenCells)),
    spread,
    widen: (_, narrow) => narrow,
  };
}
