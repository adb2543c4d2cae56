import { float32, size } from '../graph/index.ts';
import { onesKernel, repeatGroups, sumGroups } from './channels.ts';
import { convTranspose, perChannel } from './convolution.ts';
import { convWeightGradient } from './convolutionweights.ts';
import type { LinearMap } from './linear.ts';
import type { Operator } from './operator.ts';
import { seenCells, type Window, windows } from './shapes.ts';
import type { Site } from './site.ts';

/** Convolution: x N×C×H×W, weights K×C/g×kh×kw, bias K. */
export const conv: Operator = {
  op: 'Conv',

  shapes(site) {
    const [outputs, perGroup] = site.dims(1);
    const channels = site.dims(0, 1)[0];
    const group = site.int('group', 1);
    if (channels !== perGroup * group || outputs % group !== 0) {
      site.fail(`weights [${site.shape(1)}] with ${group} groups do not fit ${channels} input channels`);
    }
    if (site.has(2) && site.dims(2)[0] !== outputs)
      site.fail(`bias [${site.shape(2)}] does not fit ${outputs} output channels`);
    return [[site.shape(0)[0], outputs, ...axesOf(site).map((w) => w.output)]];
  },

  role: (site) => ({ kind: 'linear', map: mapOf(site) }),

  vjp(b, site, [dy], input) {
    if (dy === undefined) return undefined;
    if (input === 0) return mapOf(site).transpose(b, dy, site.input(1));
    if (input === 1) return convWeightGradient(b, site, axesOf(site), dy);
    return b.op('ReduceSum', [dy, b.ints(0, ...axesOf(site).map((_, i) => i + 2))], { keepdims: 0 });
  },
};

function axesOf(site: Site): Window[] {
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
      convTranspose(b, { axes, groups, channels, outputs: site.dims(1)[0] }, s, weight!),
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
      const outputs = site.dims(1)[0];
      const one = narrow
        ? s
        : sumGroups(
            b,
            s,
            groups,
            outputs,
            axes.map((w) => w.output),
          );
      return convTranspose(
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
