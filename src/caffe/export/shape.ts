import type { Node } from '../../graph/index.ts';
import {
  PoolingParameter_PoolMethod,
  ReductionParameter_ReductionOp as Reduction,
} from '../generated/caffe_pb.ts';
import type { Exportation, ExportedLayer, Exporter } from './exporter.ts';
import { spp } from './pooling.ts';

export const concat: Exporter = (e) => {
  const pyramid = spp(e);
  if (pyramid) return pyramid;
  const axis = canonical(e, e.site.int('axis'));
  return e.layer({
    type: 'Concat',
    bottoms: e.node.inputs,
    ...(axis !== 1 && { param: { concatParam: { axis } } }),
  });
};

export const split: Exporter = (e) => {
  const axis = canonical(e, e.site.int('axis', 0));
  const ends: number[] = [];
  for (const i of e.node.outputs.keys()) ends.push((ends.at(-1) ?? 0) + Number(e.site.output(i)[axis]));
  return e.layer({
    type: 'Slice',
    bottoms: [e.site.input(0)],
    param: { sliceParam: { slicePoint: ends.slice(0, -1), ...(axis !== 1 && { axis }) } },
  });
};

/** Copies: the node's own and those of its helpers. */
export const identity: Exporter = (e) => {
  const bottom = e.site.input(0);
  const copies = e.helpers('');
  const other = copies.find((node) => node.op !== 'Identity' || node.inputs[0] !== bottom);
  if (other) e.fail(`the node '${other.name}' beside it is no copy of the same value`);
  return e.layer({
    type: 'Split',
    bottoms: [bottom],
    tops: [...e.node.outputs, ...copies.map((node) => node.outputs[0])],
  });
};

export const flatten: Exporter = (e) =>
  e.site.int('axis', 1) === 1 ? e.layer({ type: 'Flatten', bottoms: [e.site.input(0)] }) : reshape(e);

/** The axes in another order, for which only forks have a layer: SSD's Permute. */
export const transpose: Exporter = (e) => {
  const rank = e.site.shape(0).length;
  const order = e.site.ints(
    'perm',
    Array.from({ length: rank }, (_, i) => rank - 1 - i),
  );
  if (order[0] !== 0) e.fail('it moves the batch from its place');
  return e.layer({
    type: 'Permute',
    bottoms: [e.site.input(0)],
    param: { permuteParam: { order: [...order] } },
  });
};

/** ShuffleNet's ShuffleChannel, from the importer's helpers; undefined if the node is nothing of the kind. */
function shuffleChannel(e: Exportation): ExportedLayer | undefined {
  const transposed = e.helper(e.site.input(0), 'transposed', 'Transpose');
  const grouped = transposed && e.helper(transposed.inputs[0], 'grouped', 'Reshape');
  if (!grouped) return undefined;
  const group = Number(e.shape(grouped.outputs[0])[1]);
  return e.layer({
    type: 'ShuffleChannel',
    bottoms: [grouped.inputs[0]],
    param: { shuffleChannelParam: { group } },
  });
}

/** Any change of shape that leaves the batch in front. */
export const reshape: Exporter = (e) => {
  const shuffled = shuffleChannel(e);
  if (shuffled) return shuffled;
  const [batch, ...rest] = e.site.output();
  if (batch !== e.site.shape(0)[0] || rest.some((dim) => typeof dim !== 'number')) {
    e.fail(`it makes [${e.site.output()}] of [${e.site.shape(0)}]: the batch does not stay in front`);
  }
  return e.layer({
    type: 'Reshape',
    bottoms: [e.site.input(0)],
    param: { reshapeParam: { shape: { dim: [0, ...rest].map((dim) => BigInt(dim)) } } },
  });
};

export const reduceMean: Exporter = (e) => {
  const wholeImage = e.site.shape(0).length === 4 && axesOf(e, e.node).join() === '2,3';
  if (e.site.int('keepdims', 1) === 0) return reduction(e, e.node, Reduction.MEAN);
  if (!wholeImage) return e.fail('it does not average whole images');
  const poolingParam = { pool: PoolingParameter_PoolMethod.AVE, globalPooling: true };
  return e.layer({ type: 'Pooling', bottoms: [e.site.input(0)], param: { poolingParam } });
};

export const reduceSum: Exporter = (e) => reduction(e, e.node, Reduction.SUM);

/** A reduction (helper `reduced`) times a number; undefined if the node is nothing of the kind. */
export function scaledReduction(e: Exportation): ExportedLayer | undefined {
  const [value, factor] = e.node.inputs;
  const [coeff, sum, mean] = [
    e.scalar(factor),
    e.helper(value, 'reduced', 'ReduceSum'),
    e.helper(value, 'reduced', 'ReduceMean'),
  ];
  const reduced = sum ?? mean;
  if (!reduced || coeff === undefined) return undefined;
  return reduction(e, reduced, sum ? Reduction.SUM : Reduction.MEAN, coeff);
}

function reduction(e: Exportation, node: Node, operation: Reduction, coeff = 1): ExportedLayer {
  const site = e.site.like(node);
  const axes = axesOf(e, node);
  const [axis] = axes;
  const rank = site.shape(0).length;
  if (site.int('keepdims', 1) !== 0 || axis < 1 || axes.length !== rank - axis) {
    e.fail('it does not reduce the last axes away');
  }
  const terms = site.input(0);
  const absolute = operation === Reduction.SUM ? e.helper(terms, 'absolute', 'Abs') : undefined;
  const square = operation === Reduction.SUM ? e.helper(terms, 'square', 'Mul') : undefined;
  const kind = absolute ? Reduction.ASUM : square ? Reduction.SUMSQ : operation;
  return e.layer({
    type: 'Reduction',
    bottoms: [(absolute ?? square)?.inputs[0] ?? terms],
    param: { reductionParam: { operation: kind, axis, ...(coeff !== 1 && { coeff }) } },
  });
}

function axesOf(e: Exportation, node: Node): number[] {
  const site = e.site.like(node);
  const rank = site.shape(0).length;
  const given = site.has(1) ? site.constants(1) : [...site.shape(0).keys()];
  return given.map((axis) => (axis < 0 ? axis + rank : axis)).sort((a, b) => a - b);
}

function canonical(e: Exportation, axis: number): number {
  const from = axis < 0 ? axis + e.site.shape(0).length : axis;
  return from === 0 ? e.fail('it works along the batch') : from;
}
