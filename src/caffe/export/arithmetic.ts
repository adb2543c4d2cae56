import type { Tensor } from '../../graph/index.ts';
import { sameShape } from '../../operators/index.ts';
import { EltwiseParameter_EltwiseOp as Op } from '../generated/caffe_pb.ts';
import { biasedRowProduct } from './dense.ts';
import type { Exportation, ExportedLayer, Exporter } from './exporter.ts';
import { lrnWithinChannel, mvn, normalize } from './normalisation.ts';
import { placement } from './placement.ts';
import { power, scaledLog } from './power.ts';
import { scaledReduction } from './shape.ts';

export const mul: Exporter = (e) =>
  lrnWithinChannel(e) ??
  normalize(e) ??
  swish(e) ??
  scaledLog(e) ??
  scaledReduction(e) ??
  power(e) ??
  ofConstant(e, 'Scale', (v) => v) ??
  ofSecondBottom(e, 'Scale') ??
  eltwise(e, Op.PROD);

export const add: Exporter = (e) =>
  power(e) ??
  scaledAndShifted(e) ??
  biasedRowProduct(e) ??
  axpy(e) ??
  ofConstant(e, 'Bias', (v) => v) ??
  ofSecondBottom(e, 'Bias') ??
  eltwise(e, Op.SUM);

export const sub: Exporter = (e) => {
  const centred = mvn(e);
  if (centred) return centred;
  if (e.constant(e.site.input(0))) e.fail('it subtracts from a constant');
  return ofConstant(e, 'Bias', (v) => -v) ?? eltwise(e, Op.SUM, [1, -1]);
};

export const div: Exporter = (e) => {
  const normalised = mvn(e);
  if (normalised) return normalised;
  if (e.constant(e.site.input(0))) e.fail('it divides a constant');
  return ofConstant(e, 'Scale', (v) => 1 / v) ?? e.fail('it divides by a tensor');
};

export const sum: Exporter = (e) => eltwise(e, Op.SUM);
export const max: Exporter = (e) => eltwise(e, Op.MAX);

/** x·sigmoid(beta·x) from the importer's helpers. */
function swish(e: Exportation): ExportedLayer | undefined {
  const [x, factor] = e.node.inputs;
  const sigmoid = e.helper(factor, 'sigmoid', 'Sigmoid');
  if (!sigmoid) return undefined;
  const scaled = e.helper(sigmoid.inputs[0], 'scaled', 'Mul');
  const beta = scaled ? e.scalar(scaled.inputs[1])! : 1;
  return e.layer({ type: 'Swish', bottoms: [x], param: { swishParam: { beta } } });
}

/** Scale with its bias: the product is the helper `scaled`. */
function scaledAndShifted(e: Exportation): ExportedLayer | undefined {
  const bias = e.constant(e.site.input(1));
  const scaled = bias && e.helper(e.site.input(0), 'scaled', 'Mul');
  const weight = scaled && e.constant(scaled.inputs[1]);
  if (!weight) return undefined;
  const [x] = scaled.inputs;
  const { blob, axes } = placement(e, x, weight);
  return e.layer({
    type: 'Scale',
    bottoms: [x],
    param: { scaleParam: { ...axes, biasTerm: true } },
    blobs: [blob, placement(e, x, bias).blob],
  });
}

/** SENet's a·x + z: the product is the helper `scaled`. */
function axpy(e: Exportation): ExportedLayer | undefined {
  const [value, z] = e.node.inputs;
  const scaled = e.helper(value, 'scaled', 'Mul');
  if (!scaled) return undefined;
  const [x, factor] = scaled.inputs;
  const a = e.helper(factor, 'placed', 'Unsqueeze')?.inputs[0] ?? factor;
  return e.layer({ type: 'Axpy', bottoms: [a, x, z] });
}

/** x and a constant, in either order. */
function ofConstant(
  e: Exportation,
  type: 'Scale' | 'Bias',
  change: (v: number) => number,
): ExportedLayer | undefined {
  const i = [1, 0].find((each) => e.constant(e.site.input(each)));
  if (i === undefined) return undefined;
  const x = e.site.input(1 - i);
  const constant = e.constant(e.site.input(i))!;
  if (!sameShape(e.shape(x), e.site.output())) e.fail('its constant makes its input larger');
  const changed: Tensor<'float32'> = { ...constant, data: constant.data.map(change) };
  const { blob, axes } = placement(e, x, changed);
  return e.layer({ type, bottoms: [x], param: parameters(type, axes), blobs: [blob] });
}

/** x and a blob that repeats over the axes that it does not have, or over those where it has 1. */
function ofSecondBottom(
  e: Exportation,
  type: 'Scale' | 'Bias',
): ExportedLayer | readonly ExportedLayer[] | undefined {
  const [x, second] = e.node.inputs;
  const placed = e.helper(second, 'placed', 'Unsqueeze');
  if (placed) return e.layer({ type, bottoms: [x, placed.inputs[0]], param: parameters(type, { axis: 0 }) });
  const [a, b] = [e.shape(x), e.shape(second)];
  if (sameShape(a, b)) return undefined;
  const large = sameShape(a, e.site.output()) ? x : second;
  const small = large === x ? second : x;
  const shape = e.shape(small);
  let own = shape.length;
  while (own > 1 && shape[own - 1] === 1) own--;
  const matches =
    shape.length === a.length && shape.slice(0, own).every((dim, i) => dim === e.shape(large)[i]);
  if (!matches) return e.fail(`its inputs [${a}] and [${b}] repeat in a way that Caffe has no word for`);
  const squeezed = `${e.node.name}/squeezed`;
  return [
    e.layer({
      name: squeezed,
      type: 'Reshape',
      bottoms: [small],
      tops: [squeezed],
      param: { reshapeParam: { shape: { dim: shape.slice(0, own).map(() => 0n) } } },
    }),
    e.layer({ type, bottoms: [large, squeezed], param: parameters(type, { axis: 0 }) }),
  ];
}

const parameters = (type: 'Scale' | 'Bias', axes: { axis?: number; numAxes?: number }) =>
  type === 'Scale' ? { scaleParam: axes } : { biasParam: axes };

/** Eltwise of all inputs; coefficients and part products are helpers. */
function eltwise(e: Exportation, operation: Op, signs: readonly number[] = []): ExportedLayer {
  const values = operation === Op.PROD ? factors(e) : e.node.inputs;
  const terms = values.map((value, i) => {
    const scaled = e.helper(value, `scaled${i}`, 'Mul');
    return {
      bottom: scaled?.inputs[0] ?? value,
      coeff: scaled ? e.scalar(scaled.inputs[1])! : (signs[i] ?? 1),
    };
  });
  for (const { bottom } of terms) {
    if (e.constant(bottom)) e.fail(`its input '${bottom}' is a constant`);
    if (!sameShape(e.shape(bottom), e.site.output())) e.fail('its inputs have different shapes');
  }
  if (terms.length < 2) e.fail('it has one input only');
  const coeff = terms.some((term) => term.coeff !== 1) ? { coeff: terms.map((term) => term.coeff) } : {};
  return e.layer({
    type: 'Eltwise',
    bottoms: terms.map((term) => term.bottom),
    param: { eltwiseParam: { operation, ...coeff } },
  });
}

/** The factors of a chain of products: helpers `product0`, `product1`, … */
function factors(e: Exportation): string[] {
  const chain = e.helpers('product');
  const last = e.node.inputs[1];
  if (chain.length === 0) return [...e.node.inputs];
  return [chain[0].inputs[0], ...chain.map((node) => node.inputs[1]), last];
}
