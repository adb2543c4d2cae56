import { float32, type GraphBuilder, size } from '../../graph/index.ts';
import type { LinearMap } from '../linear.ts';
import type { Operator } from '../operator.ts';
import { pads, type Window } from '../shapes.ts';
import { countPerImage } from '../shaping.ts';
import type { Site } from '../site.ts';
import { onesKernel, repeatGroups, sumGroups } from './channels.ts';
import { foldableConvolution } from './foldable.ts';
import { type Convolution, perChannel, transposeConvolution as transposeOf } from './transposed.ts';
import { weightGradient } from './weightgradient.ts';

/** Transposed convolution (Caffe's Deconvolution): x N×C×H×W, weights C×K/g×kh×kw, bias K. */
export const convTranspose: Operator = {
  op: 'ConvTranspose',

  shapes(site) {
    const [channels, perGroup] = site.dims(1);
    const outputs = perGroup * site.int('group', 1);
    if (site.dim(0, 1) !== channels || channels % site.int('group', 1) !== 0) {
      site.fail(
        `weights [${site.shape(1)}] with ${site.int('group', 1)} groups do not fit ${site.shape(0)[1]} input channels`,
      );
    }
    if (site.has(2) && site.dim(2, 0) !== outputs)
      site.fail(`bias [${site.shape(2)}] does not fit ${outputs} output channels`);
    return [[site.shape(0)[0], outputs, ...axesOf(site).map((w) => w.input)]];
  },

  role: (site) => ({ kind: 'linear', map: mapOf(site) }),

  // Each input goes into the output channels of its group and the window.
  multiplyAdds: (site) => countPerImage(site.shape(0)) * size(site.dims(1).slice(1)),

  foldable: (site) => foldableConvolution(site, { transposed: true, uniform: false }),

  vjp(b, site, [dy], input) {
    if (dy === undefined) return undefined;
    if (input === 0) return mapOf(site).transpose(b, dy, site.input(1));
    // <dy, Conv(x, W)ᵀ> = <Conv(dy, W), x>: x takes the place of the convolution's cotangent.
    if (input === 1) return weightGradient(b, transposed(site), dy, site.input(0));
    return b.op('ReduceSum', [dy, b.ints(0, ...axesOf(site).map((_, i) => i + 2))], { keepdims: 0 });
  },

  lower(b, site) {
    const y = transposeOf(b, transposed(site), site.input(0), site.input(1));
    return site.has(2) ? b.op('Add', [y, perChannel(b, site.input(2), axesOf(site).length)]) : y;
  },
};

/** The windows of the convolution that this is the transpose of: `input` is the size of our output. */
function axesOf(site: Site): Window[] {
  const kernel = site.dims(1).slice(2);
  const input = site.dims(0, 2);
  const rank = kernel.length;
  const ones = kernel.map(() => 1);
  const zeros = kernel.map(() => 0);
  const [strides, dilations] = [site.ints('strides', ones), site.ints('dilations', ones)];
  const given = site.ints('pads', [...zeros, ...zeros]);
  const extra = site.ints('output_padding', zeros);
  const wanted = site.node.attributes.output_shape ? site.ints('output_shape').slice(-rank) : undefined;
  const auto = site.string('auto_pad', 'NOTSET');
  if ([input, strides, dilations, extra].some((list) => list.length !== rank) || given.length !== 2 * rank) {
    site.fail(`strides, dilations and pads must fit the ${rank}-D kernel and input`);
  }
  return kernel.map((k, axis) => {
    const [stride, dilation] = [strides[axis], dilations[axis]];
    if (extra[axis] >= stride)
      site.fail(`output padding ${extra[axis]} must be less than the stride ${stride}`);
    const full = stride * (input[axis] - 1) + extra[axis] + (k - 1) * dilation + 1;
    const same = auto === 'SAME_UPPER' || auto === 'SAME_LOWER';
    let [before, after] = auto === 'VALID' ? [0, 0] : [given[axis], given[axis + rank]];
    if (wanted || same) {
      const total = Math.max(0, full - (wanted ? wanted[axis] : input[axis] * stride));
      before = auto === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
      after = total - before;
    }
    const output = full - before - after;
    if (output < 1) site.fail(`pads leave nothing of axis ${axis + 2}`);
    return { input: output, output: input[axis], kernel: k, stride, dilation, before, after };
  });
}

function transposed(site: Site): Convolution {
  const [outputs, perGroup] = site.dims(1);
  const groups = site.int('group', 1);
  return { axes: axesOf(site), groups, channels: perGroup * groups, outputs };
}

function mapOf(site: Site): LinearMap {
  const { axes, groups, channels: outputs, outputs: channels } = transposed(site);
  const kernel = axes.map((w) => w.kernel);
  const sizes = axes.map((w) => w.output);
  const perOutput = (b: GraphBuilder, vector: string) => perChannel(b, vector, kernel.length);
  return {
    kind: 'convolution',
    input: 0,
    weight: site.input(1),
    bias: site.has(2) ? site.input(2) : undefined,
    groups,
    fanIn: channels / groups,
    // Each output sees one cell in `stride` along an axis; the mean over the phases.
    cells: size(kernel) / size(axes.map((w) => w.stride)),
    apply: (b, x, weight, bias) =>
      b.op('ConvTranspose', bias === undefined ? [x, weight!] : [x, weight!, bias], site.node.attributes),
    transpose: (b, s, weight) => convolve(b, axes, groups, s, weight!),
    windowSum: (b, weight) => onEndlessOnes(b, axes, groups, channels, weight!),
    perOutput,
    seen: () => {
      const data = axes
        .map(seenFrom)
        .reduce((outer, axis) => outer.flatMap((n) => axis.map((m) => n * m)), [channels / groups]);
      return float32([1, 1, ...axes.map((w) => w.input)], data);
    },
    spread(b, s, narrow) {
      const one = narrow
        ? s
        : sumGroups(
            b,
            s,
            groups,
            outputs,
            axes.map((w) => w.input),
          );
      return convolve(b, axes, groups, one, onesKernel(b, groups, kernel));
    },
    widen: (b, narrow) => repeatGroups(b, narrow, groups, channels, sizes),
  };
}

/** The convolution that this is the transpose of. */
function convolve(
  b: GraphBuilder,
  axes: readonly Window[],
  group: number,
  s: string,
  weight: string,
): string {
  // Conv drops what output padding left beyond the last window by itself: it is less than a stride.
  const short = axes.map((w) => Math.max(0, reach(w) - w.before - w.input));
  return b.op('Conv', [s, weight], {
    kernel_shape: axes.map((w) => w.kernel),
    group,
    strides: axes.map((w) => w.stride),
    dilations: axes.map((w) => w.dilation),
    pads: pads(axes.map((w, i) => ({ ...w, after: short[i] }))),
  });
}

/** What the windows cover, start pad included. */
const reach = (w: Window): number => (w.output - 1) * w.stride + (w.kernel - 1) * w.dilation + 1;

/** How many input positions each output position sees. */
function seenFrom(w: Window): number[] {
  return Array.from({ length: w.input }, (_, at) => {
    let seen = 0;
    for (let k = 0; k < w.kernel; k++) {
      const from = at + w.before - k * w.dilation;
      if (from >= 0 && from % w.stride === 0 && from / w.stride < w.output) seen++;
    }
    return seen;
  });
}

/** The operation on ones that go on beyond the input's borders. */
function onEndlessOnes(
  b: GraphBuilder,
  axes: readonly Window[],
  groups: number,
  channels: number,
  weight: string,
): string {
  const margin = axes.map((w) => Math.ceil(((w.kernel - 1) * w.dilation + 1) / w.stride));
  const shape = [1, channels, ...axes.map((w, i) => w.output + 2 * margin[i])];
  const ones = b.op('Expand', [b.scalar(1), b.ints(...shape)]);
  const whole = b.op('ConvTranspose', [ones, weight], {
    group: groups,
    strides: axes.map((w) => w.stride),
    dilations: axes.map((w) => w.dilation),
  });
  const starts = axes.map((w, i) => margin[i] * w.stride + w.before);
  const ends = axes.map((w, i) => starts[i] + w.input);
  return b.op('Slice', [whole, b.ints(...starts), b.ints(...ends), b.ints(...axes.map((_, i) => i + 2))]);
}
