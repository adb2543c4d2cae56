import { float, float32, type Tensor } from '../../graph/index.ts';
import { activate } from './activation.ts';
import type { NodeAttributes } from './attributes.ts';
import type { Padding, TfBuilder, TfDim, TfValue } from './values.ts';

/** A list of dimensions, or one of them, that is computed while the network is converted. */
export interface TfDims {
  readonly dims: readonly TfDim[];
}

/** What a node of TensorFlow's graph makes: a value of the network, a constant, or a shape. */
export type TfResult = TfValue | Tensor<'float32'> | TfDims;

/** One node that is converted. */
export interface OperationSite {
  readonly b: TfBuilder;
  readonly attributes: NodeAttributes;
  readonly inputs: readonly TfResult[];
  /** An input that the network computes; a constant becomes one. Errors: a shape. */
  value(i: number): TfValue;
  /** An input that is a constant. Errors: it is none. */
  constant(i: number): Tensor<'float32'>;
  /** A constant or a shape as numbers. */
  numbers(i: number): readonly TfDim[];
}

type Convert = (site: OperationSite) => TfResult;

const isConstant = (made: TfResult | undefined): made is Tensor<'float32'> =>
  made !== undefined && 'data' in made;
const isDims = (made: TfResult | undefined): made is TfDims => made !== undefined && 'dims' in made;

const whole = (site: OperationSite, i: number): number[] =>
  site.numbers(i).map((dim) => (dim === 'N' ? -1 : dim));

const unary =
  (op: string): Convert =>
  (site) =>
    site.b.elementwise(op, site.value(0));

const named =
  (activation: string): Convert =>
  (site) =>
    activate(site.b, activation, site.value(0));

const operand = (site: OperationSite, i: number): TfValue | Tensor<'float32'> => {
  const made = site.inputs[i];
  return isConstant(made) ? made : site.value(i);
};

const binary =
  (op: string, compute: (a: number, b: number) => number): Convert =>
  (site) => {
    const [a, b] = site.inputs;
    if (isDims(a) || isDims(b) || (isConstant(a) && isConstant(b))) return computed(site, compute);
    return site.b.binary(op, operand(site, 0), operand(site, 1));
  };

/** An operation of two constants or shapes, of one shape or of a number and others. */
function computed(site: OperationSite, compute: (a: number, b: number) => number): TfResult {
  const [a, b] = site.inputs;
  if (isConstant(a) && isConstant(b)) {
    const [small, large] = a.data.length < b.data.length ? [a, b] : [b, a];
    const isOne = small.data.length === 1 || String(small.shape) === String(large.shape);
    if (!isOne) return site.b.fail('it combines constants of different shapes');
    const pick = (t: Tensor<'float32'>, i: number) => t.data[t.data.length === 1 ? 0 : i];
    return float32(
      large.shape,
      large.data.map((_, i) => compute(pick(a, i), pick(b, i))),
    );
  }
  const [x, y] = [site.numbers(0), site.numbers(1)];
  const dims = (x.length >= y.length ? x : y).map((_, i) => {
    const [m, n] = [x[x.length === 1 ? 0 : i], y[y.length === 1 ? 0 : i]];
    if (typeof m === 'number' && typeof n === 'number') return compute(m, n);
    // The batch times one is the batch.
    return m === 1 ? n : n === 1 ? m : site.b.fail('it computes with the number of images');
  });
  return { dims };
}

const spatial = (site: OperationSite, name: string): [number, number] => {
  const list = site.attributes.numbers(name);
  const [, height = 1, width = 1] = list;
  return [height, width];
};

function windowOf(site: OperationSite) {
  const { attributes, b } = site;
  if (attributes.text('data_format', 'NHWC') !== 'NHWC')
    b.fail('channels before height and width are not supported');
  const name = attributes.text('padding', 'VALID');
  const explicit = attributes.numbers('explicit_paddings');
  const padding: Padding =
    name === 'EXPLICIT'
      ? [
          [explicit[2], explicit[3]],
          [explicit[4], explicit[5]],
        ]
      : name === 'SAME'
        ? 'same'
        : 'valid';
  return { strides: spatial(site, 'strides'), dilations: spatial(site, 'dilations'), padding };
}

const conv =
  (kind: 'conv' | 'depthwise'): Convert =>
  (site) =>
    site.b[kind](site.value(0), site.constant(1), undefined, windowOf(site));

/** A convolution or product with what was merged into it: a bias, batch normalisation, an activation. */
const fused =
  (kind: 'conv' | 'depthwise' | 'dense'): Convert =>
  (site) => {
    const { b, attributes } = site;
    const steps = attributes.texts('fused_ops');
    const bias = steps[0] === 'BiasAdd' ? site.constant(2) : undefined;
    const x = site.value(0);
    let made = kind === 'dense' ? product(site, bias) : b[kind](x, site.constant(1), bias, windowOf(site));
    for (const step of bias ? steps.slice(1) : steps) {
      if (step === 'FusedBatchNorm') {
        const parts = [2, 3, 4, 5].map((i) => site.constant(i));
        made = b.batchNorm(made, parts, attributes.number('epsilon', 1e-3));
      } else if (step === 'LeakyRelu') {
        made = b.elementwise('LeakyRelu', made, { alpha: float(attributes.number('leakyrelu_alpha', 0.2)) });
      } else if (step === 'Prelu') made = b.prelu(made, site.constant(3));
      else made = activate(b, step, made);
    }
    return made;
  };

function product(site: OperationSite, bias?: Tensor<'float32'>): TfValue {
  if (site.attributes.flag('transpose_a', false)) site.b.fail('a transposed first factor is not supported');
  const kernel = site.constant(1);
  const isTurned = site.attributes.flag('transpose_b', false);
  const [rows, columns] = kernel.shape as [number, number];
  const turned = () =>
    float32(
      [columns, rows],
      kernel.data.map((_, i) => kernel.data[(i % rows) * columns + Math.floor(i / rows)]),
    );
  return site.b.dense(site.value(0), isTurned ? turned() : kernel, bias);
}

const pool =
  (kind: 'MaxPool' | 'AveragePool'): Convert =>
  (site) => {
    const { strides, padding } = windowOf(site);
    return site.b.pool(kind, site.value(0), spatial(site, 'ksize'), { strides, padding });
  };

const reduce =
  (kind: 'ReduceMean' | 'ReduceMax' | 'ReduceSum'): Convert =>
  (site) =>
    site.b.reduce(kind, site.value(0), whole(site, 1), site.attributes.flag('keep_dims', false));

const batchNorm: Convert = (site) => {
  if (site.attributes.flag('is_training', false))
    site.b.fail('it normalises by the batch', 'save it for inference');
  const parts = [1, 2, 3, 4].map((i) => site.constant(i));
  return site.b.batchNorm(site.value(0), parts, site.attributes.number('epsilon', 1e-3));
};

const pads = (site: OperationSite): [number, number][] => {
  const list = whole(site, 1);
  return Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i], list[2 * i + 1]]);
};

const resize =
  (mode: 'nearest' | 'linear'): Convert =>
  (site) => {
    const [height, width] = whole(site, 1) as [number, number];
    const corners = site.attributes.flag('align_corners', false);
    const half = site.attributes.flag('half_pixel_centers', false);
    return site.b.resize(site.value(0), [height, width], {
      mode,
      coordinate_transformation_mode: corners ? 'align_corners' : half ? 'half_pixel' : 'asymmetric',
      ...(mode === 'nearest' && { nearest_mode: corners ? 'round_prefer_ceil' : 'floor' }),
    });
  };

const same: Convert = ({ inputs: [x], b }) => x ?? b.fail('it has no input');

const shapeOf = (made: TfResult): readonly TfDim[] => (isDims(made) ? [made.dims.length] : made.shape);

/** A part of a list of dimensions, as Python slices: only what shapes are computed with. */
const stridedSlice: Convert = (site) => {
  const [x] = site.inputs;
  if (!isDims(x) && !(isConstant(x) && x.shape.length === 1))
    return site.b.fail('a slice of a value is not supported');
  const list = site.numbers(0);
  const [[start], [end]] = [whole(site, 1), whole(site, 2)] as [[number], [number]];
  const { attributes } = site;
  const from = attributes.number('begin_mask', 0) & 1 ? 0 : start;
  if (attributes.number('shrink_axis_mask', 0) & 1) return { dims: [list.at(from) ?? 1] };
  return { dims: list.slice(from, attributes.number('end_mask', 0) & 1 ? undefined : end) };
};

const reshaped: Convert = (site) => {
  const [x] = site.inputs;
  const target = site.numbers(1);
  if (isConstant(x)) return float32(whole(site, 1), x.data);
  const value = site.value(0);
  // A first dimension that is left open is the batch; one that is not, the batch of 1 of the export.
  const [first, ...rest] = target;
  if (first !== -1 && first !== 'N' && first !== 1) site.b.fail(`it mixes images: [${target}]`);
  const isRest = first === -1 && rest.every((dim) => typeof dim === 'number' && dim > 0);
  return site.b.reshape(value, [isRest || first === 'N' || first === 1 ? 'N' : first, ...rest]);
};

/** TensorFlow's operations for image classifiers and detectors, by name. */
export const operations: Readonly<Record<string, Convert>> = {
  Identity: same,
  StopGradient: same,
  Cast: same,
  Conv2D: conv('conv'),
  DepthwiseConv2dNative: conv('depthwise'),
  _FusedConv2D: fused('conv'),
  FusedDepthwiseConv2dNative: fused('depthwise'),
  _FusedMatMul: fused('dense'),
  MatMul: (site) => product(site),
  BiasAdd: (site) => site.b.binary('Add', site.value(0), operand(site, 1)),
  Add: binary('Add', (a, b) => a + b),
  AddV2: binary('Add', (a, b) => a + b),
  Sub: binary('Sub', (a, b) => a - b),
  Mul: binary('Mul', (a, b) => a * b),
  RealDiv: binary('Div', (a, b) => a / b),
  Div: binary('Div', (a, b) => a / b),
  FloorDiv: binary('Div', (a, b) => Math.floor(a / b)),
  Maximum: binary('Max', Math.max),
  Minimum: binary('Min', Math.min),
  Pow: binary('Pow', (a, b) => a ** b),
  SquaredDifference(site) {
    const d = site.b.binary('Sub', operand(site, 0), operand(site, 1));
    return site.b.binary('Mul', d, d);
  },
  AddN: (site) =>
    site.inputs
      .slice(1)
      .reduce<TfValue>((sum, _, i) => site.b.binary('Add', sum, site.value(i + 1)), site.value(0)),
  Relu: named('relu'),
  Relu6: named('relu6'),
  Elu: named('elu'),
  Selu: named('selu'),
  Sigmoid: named('sigmoid'),
  Tanh: named('tanh'),
  Softplus: named('softplus'),
  Softsign: named('softsign'),
  Softmax: named('softmax'),
  LeakyRelu: (site) =>
    site.b.elementwise('LeakyRelu', site.value(0), { alpha: float(site.attributes.number('alpha', 0.2)) }),
  Prelu: (site) => site.b.prelu(site.value(0), site.constant(1)),
  Abs: unary('Abs'),
  Exp: unary('Exp'),
  Log: unary('Log'),
  Neg: unary('Neg'),
  Sqrt: unary('Sqrt'),
  Reciprocal: unary('Reciprocal'),
  Rsqrt(site) {
    const [x] = site.inputs;
    if (isConstant(x))
      return float32(
        x.shape,
        x.data.map((v) => 1 / Math.sqrt(v)),
      );
    return site.b.elementwise('Reciprocal', site.b.elementwise('Sqrt', site.value(0)));
  },
  Square: (site) => site.b.binary('Mul', site.value(0), site.value(0)),
  ClipByValue: (site) => site.b.elementwise('Clip', site.value(0), {}, site.constant(1), site.constant(2)),
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  MaxPool: pool('MaxPool'),
  AvgPool: pool('AveragePool'),
  Mean: reduce('ReduceMean'),
  Max: reduce('ReduceMax'),
  Sum: reduce('ReduceSum'),
  ConcatV2(site) {
    const count = site.inputs.length - 1;
    const [axis = 0] = whole(site, count);
    const parts = site.inputs.slice(0, count);
    if (parts.some(isDims)) return { dims: parts.flatMap((_, i) => site.numbers(i)) };
    return site.b.concat(
      parts.map((_, i) => site.value(i)),
      axis,
    );
  },
  Pad: (site) => site.b.pad(site.value(0), pads(site)),
  PadV2: (site) => site.b.pad(site.value(0), pads(site), site.constant(2).data[0]),
  MirrorPad: (site) =>
    site.b.pad(
      site.value(0),
      pads(site),
      0,
      site.attributes.text('mode', 'REFLECT') === 'REFLECT'
        ? 'reflect'
        : site.b.fail('symmetric padding is not supported'),
    ),
  ResizeBilinear: resize('linear'),
  ResizeNearestNeighbor: resize('nearest'),
  Transpose: (site) => site.b.permute(site.value(0), whole(site, 1)),
  Reshape: reshaped,
  Squeeze(site) {
    const x = site.value(0);
    const given = site.attributes
      .numbers('squeeze_dims')
      .map((axis) => (axis < 0 ? axis + x.shape.length : axis));
    const shape = x.shape.filter((dim, i) => (given.length > 0 ? !given.includes(i) : dim !== 1));
    return site.b.reshape(x, shape);
  },
  ExpandDims(site) {
    const x = site.value(0);
    const [axis = 0] = whole(site, 1);
    return site.b.reshape(x, x.shape.toSpliced(axis < 0 ? axis + x.shape.length + 1 : axis, 0, 1));
  },
  Shape: ({ inputs: [x], b }) => ({ dims: x ? shapeOf(x) : b.fail('it has no input') }),
  StridedSlice: stridedSlice,
  Pack: (site) => ({ dims: site.inputs.flatMap((_, i) => site.numbers(i)) }),
  Prod(site) {
    const [first, ...rest] = site.numbers(0);
    if (first === 'N' && rest.every((dim) => dim === 1)) return { dims: ['N'] };
    return { dims: [whole(site, 0).reduce((product_, n) => product_ * n, 1)] };
  },
};
