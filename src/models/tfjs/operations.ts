import { float, float32, type Tensor } from '../../graph/index.ts';
import { activate } from './activation.ts';
import type { NodeAttributes } from './attributes.ts';
import { computed, shapeOperations } from './computed.ts';
import { type Convert, isConstant, isDims, type OperationSite, operandOf, wholeNumbers } from './site.ts';
import type { TfValue } from './values.ts';
import type { Padding } from './windows.ts';

const unary =
  (op: string): Convert =>
  (site) =>
    site.b.elementwise(op, site.value(0));

const named =
  (activation: string): Convert =>
  (site) =>
    activate(site.b, activation, site.value(0));

const binary =
  (op: string, compute: (a: number, b: number) => number): Convert =>
  (site) => {
    const [a, b] = site.inputs;
    if (isDims(a) || isDims(b) || (isConstant(a) && isConstant(b))) return computed(site, compute);
    return site.b.binary(op, operandOf(site, 0), operandOf(site, 1));
  };

const spatial = (site: OperationSite, name: string): [number, number] => {
  const list = site.attributes.numbers(name);
  const [, height = 1, width = 1] = list;
  if (!(height > 0 && width > 0)) site.b.fail(`${name} of ${list.join(', ')} is not supported`);
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

/** What can be merged into a convolution or product besides activations. */
const fusedSteps: readonly string[] = ['BiasAdd', 'FusedBatchNorm', 'LeakyRelu', 'Prelu'];

/** The activations that were merged into a node, by name. */
export const fusedActivations = (attributes: NodeAttributes): string[] =>
  attributes.texts('fused_ops').filter((step) => !fusedSteps.includes(step));

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
  return site.b.dense(site.value(0), kernel, bias, { isTurned });
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
    site.b.reduce(kind, site.value(0), wholeNumbers(site, 1), site.attributes.flag('keep_dims', false));

const batchNorm: Convert = (site) => {
  if (site.attributes.flag('is_training', false))
    site.b.fail('it normalises by the batch', 'save it for inference');
  const parts = [1, 2, 3, 4].map((i) => site.constant(i));
  return site.b.batchNorm(site.value(0), parts, site.attributes.number('epsilon', 1e-3));
};

const pads = (site: OperationSite): [number, number][] => {
  const list = wholeNumbers(site, 1);
  return Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i], list[2 * i + 1]]);
};

const resize =
  (mode: 'nearest' | 'linear'): Convert =>
  (site) => {
    const [height, width] = wholeNumbers(site, 1) as [number, number];
    const corners = site.attributes.flag('align_corners', false);
    const half = site.attributes.flag('half_pixel_centers', false);
    return site.b.resize(site.value(0), [height, width], {
      mode,
      coordinate_transformation_mode: corners ? 'align_corners' : half ? 'half_pixel' : 'asymmetric',
      ...(mode === 'nearest' && { nearest_mode: corners ? 'round_prefer_ceil' : 'floor' }),
    });
  };

const same: Convert = ({ inputs: [x], b }) => x ?? b.fail('it has no input');

const reshaped: Convert = (site) => {
  const [x] = site.inputs;
  const target = site.numbers(1);
  if (isConstant(x)) return float32(wholeNumbers(site, 1), x.data);
  const value = site.value(0);
  // A first dimension that is left open is the batch; one that is not, the batch of 1 of the export.
  const [first, ...rest] = target;
  if (first !== -1 && first !== 'N' && first !== 1) site.b.fail(`it mixes images: [${target}]`);
  const isRest = first === -1 && rest.every((dim) => typeof dim === 'number' && dim > 0);
  return site.b.reshape(value, [isRest || first === 'N' || first === 1 ? 'N' : first, ...rest]);
};

/** TensorFlow's operations for image classifiers and detectors, by name. */
export const operations: Readonly<Record<string, Convert>> = {
  ...shapeOperations,
  Identity: same,
  StopGradient: same,
  Cast: same,
  Conv2D: conv('conv'),
  DepthwiseConv2dNative: conv('depthwise'),
  _FusedConv2D: fused('conv'),
  FusedDepthwiseConv2dNative: fused('depthwise'),
  _FusedMatMul: fused('dense'),
  MatMul: (site) => product(site),
  BiasAdd: (site) => site.b.binary('Add', site.value(0), operandOf(site, 1)),
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
    const d = site.b.binary('Sub', operandOf(site, 0), operandOf(site, 1));
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
    const [axis = 0] = wholeNumbers(site, count);
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
  Transpose: (site) => site.b.permute(site.value(0), wholeNumbers(site, 1)),
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
    const [axis = 0] = wholeNumbers(site, 1);
    return site.b.reshape(x, x.shape.toSpliced(axis < 0 ? axis + x.shape.length + 1 : axis, 0, 1));
  },
};
