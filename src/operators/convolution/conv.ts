import { float32, size } from '../../graph/index.ts';
import type { LinearMap } from '../linear.ts';
import type { Operator } from '../operator.ts';
import { type KernelWindow, seenCells, seenThroughWindows, windows } from '../shapes.ts';
import { countPerImage } from '../shaping.ts';
import type { Site } from '../site.ts';
import { onesKernel, repeatGroups, sumGroups } from './channels.ts';
import { foldableConvolution } from './foldable.ts';
import {
  type Convolution,
  flippedAxes,
  flippedWeights,
  flips,
  perChannel,
  transposeConvolution,
} from './transposed.ts';
import { weightGradient } from './weightgradient.ts';
import { tiledConv, tiledWeightGradient, tilesRows } from './winograd.ts';

/** Convolution: x N×C×H×W, weights K×C/g×kh×kw, bias K. */
export const conv: Operator = {
  op: 'Conv',

  shapes(site) {
    const [outputs, perGroup] = site.dims(1);
    const channels = site.dim(0, 1);
    const group = site.int('group', 1);
    if (channels !== perGroup * group || outputs % group !== 0) {
      site.fail(`weights [${site.shape(1)}] with ${group} groups do not fit ${channels} input channels`);
    }
    if (site.has(2) && site.dim(2, 0) !== outputs)
      site.fail(`bias [${site.shape(2)}] does not fit ${outputs} output channels`);
    return [[site.shape(0)[0], outputs, ...axesOf(site).map((w) => w.output)]];
  },

  role: (site) => ({ kind: 'linear', map: mapOf(site) }),

  sees: (site, spans, input) => (input === 0 ? seenThroughWindows(axesOf(site), spans) : undefined),

  // Each output is a sum over the input channels of its group and the window.
  multiplyAdds: (site) => countPerImage(site.output()) * size(site.dims(1).slice(1)),

  foldable(site) {
    const axes = axesOf(site);
    const pads = [...axes.map(({ before }) => before), ...axes.map(({ after }) => after)];
    const { auto_pad: _, ...attributes } = site.node.attributes;
    return foldableConvolution(site, {
      transposed: false,
      uniform: pads.every((n) => n === 0),
      padding: { pads, attributes: { ...attributes, pads: pads.map(() => 0) } },
    });
  },

  vjp(b, site, [dy], input) {
    if (dy === undefined) return undefined;
    const c = geometryOf(site);
    if (input === 0) {
      const back = { axes: flippedAxes(c), groups: c.groups, channels: c.outputs, outputs: c.channels };
      return changes(site) && flips(c) && tilesRows(back)
        ? tiledConv(b, back, dy, flippedWeights(b, c, site.input(1)))
        : transposeConvolution(b, c, dy, site.input(1));
    }
    if (input === 1) {
      const gradient = changes(site) && tilesRows(c) ? tiledWeightGradient : weightGradient;
      return gradient(b, c, site.input(0), dy);
    }
    return b.op('ReduceSum', [dy, b.ints(0, ...c.axes.map((_, i) => i + 2))], { keepdims: 0 });
  },

  lower(b, site) {
    const c = geometryOf(site);
    if (!changes(site) || !tilesRows(c)) return undefined;
    const y = tiledConv(b, c, site.input(0), site.input(1));
    return site.has(2) ? b.op('Add', [y, perChannel(b, site.input(2), 2)]) : y;
  },
};

/**
 * Whether the weights change from run to run, as in training. Those that do not are rearranged once, at loading, for
 * ONNX Runtime's fastest convolutions.
 */
const changes = (site: Site): boolean => site.constant(1) === undefined;

function geometryOf(site: Site): Convolution {
  const groups = site.int('group', 1);
  const [outputs, fanIn] = site.dims(1);
  return { axes: axesOf(site), groups, channels: fanIn * groups, outputs };
}

function axesOf(site: Site): KernelWindow[] {
  return windows(site, site.dims(1).slice(2));
}

function mapOf(site: Site): LinearMap {
  const axes = axesOf(site);
  const groups = site.int('group', 1);
  const [, fanIn, ...kernel] = site.dims(1);
  const channels = fanIn * groups;
  const attributes = site.node.attributes;
  return {
    kind: 'convolution',
    input: 0,
    weight: site.input(1),
    bias: site.has(2) ? site.input(2) : undefined,
    groups,
    fanIn,
    cells: size(kernel),
    apply: (b, x, weight, bias) => b.op('Conv', bias ? [x, weight!, bias] : [x, weight!], attributes),
    transpose: (b, s, weight) =>
      transposeConvolution(b, { axes, groups, channels, outputs: site.dim(1, 0) }, s, weight!),
    windowSum(b, weight) {
      return this.perOutput(
        b,
        b.op('ReduceSum', [weight!, b.ints(...[fanIn, ...kernel].map((_, i) => i + 1))], { keepdims: 0 }),
      );
    },
    perOutput: (b, vector) => perChannel(b, vector, kernel.length),
    seen: () => {
      const data = axes
        .map(seenCells)
        .reduce((grid, axis) => grid.flatMap((n) => axis.map((m) => n * m)), [fanIn]);
      return float32([1, 1, ...axes.map((w) => w.output)], data);
    },
    spread(b, s, narrow) {
      const outputs = site.dim(1, 0);
      const one = narrow
        ? s
        : sumGroups(
            b,
            s,
            groups,
            outputs,
            axes.map((w) => w.output),
          );
      return transposeConvolution(
        b,
        { axes, groups, channels: groups, outputs: groups },
        one,
        onesKernel(b, groups, kernel),
      );
    },
    widen: (b, narrow) =>
      repeatGroups(
        b,
        narrow,
        groups,
        channels,
        axes.map((w) => w.input),
      ),
  };
}
