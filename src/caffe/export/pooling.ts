import { seenCells, type Window, windows } from '../../operators/index.ts';
import {
  PoolingParameter_PoolMethod as Method,
  PoolingParameter_RoundMode as Round,
} from '../generated/caffe_pb.ts';
import { type PoolingAxis, poolingWindows } from '../layers/pooling.ts';
import type { Exportation, ExportedLayer, Exporter } from './exporter.ts';
import { pair } from './pair.ts';

const globally =
  (pool: Method): Exporter =>
  (e) =>
    e.layer({
      type: 'Pooling',
      bottoms: [e.site.input(0)],
      param: { poolingParam: { pool, globalPooling: true } },
    });

export const globalMaxPool = globally(Method.MAX);
export const globalAveragePool = globally(Method.AVE);

export const maxPool: Exporter = (e) => {
  if (e.node.outputs.length > 1) e.fail('it makes indices, too');
  const axes = windows(e.site, kernelOf(e));
  return pooling(e, Method.MAX, e.site.input(0), axes.map(axisOf), axes);
};

export const averagePool: Exporter = (e) => {
  const seen = windows(e.site, kernelOf(e));
  const countsPad = e.site.int('count_include_pad', 0) === 1;
  if (countsPad && e.site.int('ceil_mode', 0) === 1) e.fail('it rounds up and counts padding');
  const divisors = seen.map(countsPad ? (w) => Array<number>(w.output).fill(w.kernel) : seenCells);
  const padding = e.helper(e.site.input(0), 'pad', 'Pad');
  const bottom = padding?.inputs[0] ?? e.site.input(0);
  const pads = padding ? e.site.like(padding).constants(1).slice(2, 4) : seen.map((w) => w.before);
  const axes = seen.map((w, i) => ({
    ...axisOf(w),
    pad: pads[i],
    size: w.input - (padding ? 2 * pads[i] : 0),
  }));
  axes.forEach(({ size, kernel, stride, pad }, i) => {
    const matches = divisors[i].every((divisor, o) => {
      const start = o * stride - pad;
      return divisor === Math.min(start + kernel, size + pad) - start;
    });
    if (!matches)
      e.fail('its averages divide by other numbers of pixels than in Caffe, which counts padding');
  });
  return pooling(e, Method.AVE, bottom, axes, seen);
};

/** A pyramid of pooled images (helpers `level0`, `level1`, …); undefined for other things behind each other. */
export function spp(e: Exportation): ExportedLayer | undefined {
  const levels = e.helpers('level');
  if (levels.length === 0) return undefined;
  for (const kind of ['flat', 'pad']) e.helpers(kind);
  const [first] = levels;
  const pool = first.op === 'MaxPool' ? Method.MAX : Method.AVE;
  // Nothing pads the first level: its window is the whole image.
  return e.layer({
    type: 'SPP',
    bottoms: [first.inputs[0]],
    param: { sppParam: { pyramidHeight: levels.length, pool: pool === Method.MAX ? 0 : 1 } },
  });
}

function kernelOf(e: Exportation): readonly number[] {
  const kernel = e.site.ints('kernel_shape');
  if (kernel.length !== 2) e.fail(`it is a ${kernel.length}-D pooling`);
  if (e.site.ints('dilations', [1, 1]).some((dilation) => dilation !== 1)) e.fail('it has dilations');
  return kernel;
}

const axisOf = ({ input, kernel, stride, before }: Window): PoolingAxis => ({
  size: input,
  kernel,
  stride,
  pad: before,
});

function pooling(
  e: Exportation,
  pool: Method,
  bottom: string,
  axes: readonly PoolingAxis[],
  wanted: readonly Window[],
): ExportedLayer {
  const padded = axes.some(({ pad }) => pad > 0);
  const fits = (ceil: boolean) =>
    axes.every((axis, i) => poolingWindows(axis, ceil, padded) === wanted[i].output);
  const roundMode = fits(true)
    ? undefined
    : fits(false)
      ? Round.FLOOR
      : e.fail('it has other windows than Caffe would');
  return e.layer({
    type: 'Pooling',
    bottoms: [bottom],
    param: {
      poolingParam: {
        pool,
        ...pair(
          axes.map((a) => a.pad),
          0,
          (pad) => ({ pad }),
          { height: 'padH', width: 'padW' },
        ),
        ...pair(
          axes.map((a) => a.kernel),
          undefined,
          (kernelSize) => ({ kernelSize }),
          { height: 'kernelH', width: 'kernelW' },
        ),
        ...pair(
          axes.map((a) => a.stride),
          1,
          (stride) => ({ stride }),
          { height: 'strideH', width: 'strideW' },
        ),
        ...(roundMode !== undefined && { roundMode }),
      },
    },
  });
}
