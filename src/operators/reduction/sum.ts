import { float32, type GraphBuilder, size } from '../../graph/index.ts';
import { perChannel } from '../convolution/transposed.ts';
import type { LinearMap } from '../linear.ts';
import type { Operator } from '../operator.ts';
import { expandTo } from '../shaping.ts';
import type { Site } from '../site.ts';
import { evaluateReduction } from './evaluate.ts';
import { globalReduction, keepDims, type Reduction, reductionOf } from './reduction.ts';

/** A sum or mean over axes: linear, with equal weights. */
function reducing(op: string, reduction: (site: Site) => Reduction, mean: boolean): Operator {
  return {
    op,
    shapes: (site) => [reduction(site).output],
    role: (site) =>
      isPooling(site, reduction(site))
        ? { kind: 'linear', map: mapOf(site, reduction(site), mean) }
        : { kind: 'sum' },
    nonNegative: (site, known) => known(site.input(0)),
    evaluate(site, [x]) {
      const reduced = x && reduction(site);
      const count = reduced ? size(reduced.axes.map((axis) => x.shape[axis])) : 1;
      return reduced && evaluateReduction(x, reduced, mean ? { end: (sum) => sum / count } : {});
    },
    vjp(b, site, [dy], input) {
      if (dy === undefined || input !== 0) return undefined;
      return transposed(b, site, reduction(site), mean, dy);
    },
  };
}

export const reduceSum = reducing('ReduceSum', reductionOf, false);
export const reduceMean: Operator = {
  ...reducing('ReduceMean', reductionOf, true),
  through: (site, affine) =>
    reductionOf(site).axes.every((axis) => affine.axis === undefined || axis > affine.axis)
      ? [affine]
      : undefined,
};
export const globalAveragePool: Operator = {
  ...reducing('GlobalAveragePool', globalReduction, true),
  through: (_, affine) => [affine],
};

/** Whether the output still has its batch and channels where an image has them, and the number of inputs is known. */
function isPooling(site: Site, { axes, kept, output }: Reduction): boolean {
  const inPlace = kept.length === output.length || axes.every((axis) => axis > 1);
  return inPlace && axes.every((axis) => typeof site.shape(0)[axis] === 'number');
}

/** Repeats s over what was reduced; for a mean divided by the number of elements, which may depend on the batch. */
function transposed(b: GraphBuilder, site: Site, reduction: Reduction, mean: boolean, s: string): string {
  const x = site.input(0);
  const repeated = expandTo(b, keepDims(b, s, reduction), reduction.kept, site.shape(0), x);
  if (!mean) return repeated;
  const dims = reduction.axes.map((axis) => site.shape(0)[axis]);
  if (dims.every((dim) => typeof dim === 'number')) return b.op('Div', [repeated, b.scalar(size(dims))]);
  // Σ 1 over the reduced axes.
  const ones = b.op('Expand', [b.scalar(1), b.op('Shape', [x])]);
  return b.op('Div', [repeated, b.op('ReduceSum', [ones, b.ints(...reduction.axes)], { keepdims: 1 })]);
}

function mapOf(site: Site, reduction: Reduction, mean: boolean): LinearMap {
  const { axes, kept, output } = reduction;
  const shape = site.shape(0);
  const acrossChannels = axes.includes(1);
  const channels = shape.length > 1 ? site.dim(0, 1) : 1;
  const cells = size(axes.flatMap((axis) => (axis === 1 ? [] : [site.dim(0, axis)])));
  const seen = cells * (acrossChannels ? channels : 1);
  // One channel per group: of the input's shape but for the channels.
  const narrow = shape.map((dim, i) => (i === 1 && acrossChannels ? 1 : dim));
  const perOutput = (b: GraphBuilder, vector: string) =>
    perChannel(b, vector, Math.max(0, output.length - 2));
  return {
    kind: 'average',
    input: 0,
    groups: acrossChannels ? 1 : channels,
    fanIn: acrossChannels ? channels : 1,
    cells,
    apply(b, x, _, bias) {
      const y = b.op(site.node.op, [x, ...site.node.inputs.slice(1)], site.node.attributes);
      return bias === undefined ? y : b.op('Add', [y, perOutput(b, bias)]);
    },
    transpose: (b, s) => transposed(b, site, reduction, mean, s),
    windowSum: (b) => b.scalar(mean ? 1 : seen),
    perOutput,
    seen: () => float32([], [seen]),
    spread: (b, s) => expandTo(b, keepDims(b, s, reduction), kept, narrow, site.input(0)),
    widen: (b, value) => expandTo(b, value, narrow, shape, site.input(0)),
  };
}
