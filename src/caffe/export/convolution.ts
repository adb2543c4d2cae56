import { windows } from '../../operators/index.ts';
import type { Exportation, Exporter } from './exporter.ts';
import { pair } from './pair.ts';

export const conv: Exporter = (e) => {
  const [outputs, , ...kernel] = e.weights(1).shape;
  if (kernel.length !== 2) e.fail(`it is a ${kernel.length}-D convolution`);
  const axes = windows(e.site, kernel);
  // A longer pad at the end is of no account where no window reaches it.
  for (const { input, output, kernel: k, stride, dilation, before } of axes) {
    const room = input + 2 * before - ((k - 1) * dilation + 1);
    if (Math.floor(room / stride) + 1 !== output) e.fail('its padding is not the same on both sides');
  }
  return convolution(e, 'Convolution', outputs, {
    kernel,
    stride: axes.map((w) => w.stride),
    pad: axes.map((w) => w.before),
    dilation: axes.map((w) => w.dilation),
  });
};

export const convTranspose: Exporter = (e) => {
  const [, perGroup, ...kernel] = e.weights(1).shape;
  if (kernel.length !== 2) e.fail(`it is a ${kernel.length}-D convolution`);
  const [top, left, bottom, right] = e.site.ints('pads', [0, 0, 0, 0]);
  if (top !== bottom || left !== right) e.fail('its padding is not the same on both sides');
  const auto = e.site.string('auto_pad', 'NOTSET');
  if (auto !== 'NOTSET' || e.node.attributes.output_shape) e.fail('the size of its output is given');
  if (e.site.ints('output_padding', [0, 0]).some(Boolean)) e.fail('it has output_padding');
  return convolution(e, 'Deconvolution', perGroup * e.site.int('group', 1), {
    kernel,
    stride: e.site.ints('strides', [1, 1]),
    pad: [top, left],
    dilation: e.site.ints('dilations', [1, 1]),
  });
};

interface Geometry {
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly pad: readonly number[];
  readonly dilation: readonly number[];
}

function convolution(e: Exportation, type: string, numOutput: number, g: Geometry) {
  const group = e.site.int('group', 1);
  const hasBias = e.site.has(2);
  const [height, width] = g.dilation;
  return e.layer({
    type,
    bottoms: [e.site.input(0)],
    param: {
      convolutionParam: {
        numOutput,
        ...(!hasBias && { biasTerm: false }),
        ...pair(g.pad, 0, (pad) => ({ pad: [pad] }), { height: 'padH', width: 'padW' }),
        ...pair(g.kernel, undefined, (size) => ({ kernelSize: [size] }), {
          height: 'kernelH',
          width: 'kernelW',
        }),
        ...pair(g.stride, 1, (stride) => ({ stride: [stride] }), { height: 'strideH', width: 'strideW' }),
        ...(height !== width ? { dilation: [height, width] } : height !== 1 && { dilation: [height] }),
        ...(group !== 1 && { group }),
      },
    },
    blobs: [e.weights(1), ...(hasBias ? [e.weights(2)] : [])],
  });
}
