import type { Node } from '../../graph/graph.ts';
import { type DataType, float32, numbers, type Tensor, tensor } from '../../graph/tensor.ts';
import { isInteger } from '../../operators/shaping.ts';
import { typeOf } from '../element.ts';
import { floatOf, intOf, microsoft, type Upgrade, type UpgradeSite, withoutAttributes } from './step.ts';

/*
 * Quantised models are taken back to the floats that they approximate: stored integers become scale·(q − zero), and
 * values that are quantised on their way keep the range that this leaves them, but not the rounding.
 */

interface Scheme {
  readonly scale: Tensor;
  readonly zero: Tensor | undefined;
  /** The axis of scales per channel. */
  readonly axis: number;
}

/** Of the scale at an input, and the zero point behind it. */
function schemeOf(node: Node, site: UpgradeSite, scaleInput: number, axis: number): Scheme {
  const [scaleName, zeroName] = [node.inputs[scaleInput], node.inputs[scaleInput + 1]];
  const scale = site.constant(scaleName) ?? site.fail('its scale must be a constant');
  const zero = zeroName
    ? (site.constant(zeroName) ?? site.fail('its zero point must be a constant'))
    : undefined;
  return { scale, zero, axis };
}

/** A function of each element with the scale and the zero point of its channel. */
function byChannel(
  { shape, data }: Tensor,
  { scale, zero, axis }: Scheme,
  site: UpgradeSite,
  of: (value: number, scale: number, zero: number) => number,
): Tensor<'float32'> {
  const [scales, zeros] = [numbers(scale), zero ? numbers(zero) : [0]];
  const at = axis < 0 ? axis + shape.length : axis;
  const inner = shape.slice(at + 1).reduce((product, n) => product * n, 1);
  const channels = shape[at] ?? 1;
  if (scales.length > 1 && scales.length !== channels)
    site.fail(`${scales.length} scales do not fit an axis of ${channels}`);
  const channel = (i: number) => Math.floor(i / inner) % channels;
  const pick = (list: readonly number[], i: number) => (list.length === 1 ? list[0] : list[channel(i)]);
  const mapped = new Float32Array(data.length);
  for (let i = 0; i < mapped.length; i++) mapped[i] = of(Number(data[i]), pick(scales, i), pick(zeros, i));
  return float32(shape, mapped);
}

/** scale·(q − zero). */
const dequantised = (q: Tensor, scheme: Scheme, site: UpgradeSite): Tensor<'float32'> =>
  byChannel(q, scheme, site, (value, scale, zero) => (value - zero) * scale);

/** The integers that a value may be, by the type that it is quantised to. */
const limits: Readonly<Partial<Record<DataType, readonly [number, number]>>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
};

function limitsOf(node: Node, { zero }: Scheme, site: UpgradeSite): readonly [number, number] {
  const stated = intOf(node, 'output_dtype', 0, site);
  const type = zero?.type ?? (stated === 0 ? 'uint8' : typeOf(stated));
  return (type && limits[type]) ?? site.fail('it makes integers of a type that is not supported');
}

/** What a quantised input stands for, as floats; nodes that this takes are added. */
function real(value: string, scheme: Scheme, site: UpgradeSite, nodes: Node[]): string {
  const constant = site.constant(value);
  if (constant) return constant.type === 'float32' ? value : site.add(dequantised(constant, scheme, site));
  const type = site.type(value);
  // What limn has dequantised is a float; integers are the network's own input.
  if (type === undefined || !isInteger(type)) return value;
  if (scheme.scale.data.length > 1) site.fail('inputs that are quantised per channel are not supported');
  const add = (op: string, inputs: readonly string[], attributes: Node['attributes'] = {}): string => {
    const output = site.fresh();
    nodes.push({ op, name: output, inputs, outputs: [output], attributes });
    return output;
  };
  const scalar = (t: Tensor) => site.add(float32([], [numbers(t)[0]]));
  let floats = add('Cast', [value], { to: 1 });
  if (scheme.zero) floats = add('Sub', [floats, scalar(scheme.zero)]);
  return add('Mul', [floats, scalar(scheme.scale)]);
}

function dequantize(node: Node, site: UpgradeSite): readonly Node[] {
  if (intOf(node, 'block_size', 0, site) !== 0) site.fail('scales per block are not supported');
  const nodes: Node[] = [];
  const scheme = schemeOf(node, site, 1, intOf(node, 'axis', 1, site));
  const value = real(node.inputs[0], scheme, site, nodes);
  return [...nodes, identity(node, value)];
}

const identity = (node: Node, input: string, output = node.outputs[0]): Node => ({
  op: 'Identity',
  name: node.name,
  inputs: [input],
  outputs: [output],
  attributes: {},
});

/** The range that the integers leave to a value. */
function ranged(node: Node, value: string, scheme: Scheme, site: UpgradeSite): Node {
  const [scales, zeros] = [numbers(scheme.scale), scheme.zero ? numbers(scheme.zero) : [0]];
  if (scales.length > 1) site.fail('values that are quantised per channel on their way are not supported');
  const [low, high] = limitsOf(node, scheme, site);
  const bound = (q: number) => site.add(float32([], [(q - zeros[0]) * scales[0]]));
  const { name, outputs } = node;
  return { op: 'Clip', name, inputs: [value, bound(low), bound(high)], outputs, attributes: {} };
}

/** A constant is rounded as the quantised network has it, a value on its way only kept within its range. */
function quantize(node: Node, site: UpgradeSite): Node {
  if (intOf(node, 'block_size', 0, site) !== 0) site.fail('scales per block are not supported');
  const scheme = schemeOf(node, site, 1, intOf(node, 'axis', 1, site));
  const constant = site.constant(node.inputs[0]);
  if (!constant) return ranged(node, node.inputs[0], scheme, site);
  const [low, high] = limitsOf(node, scheme, site);
  const rounded = byChannel(constant, scheme, site, (value, scale, zero) => {
    const q = Math.min(high, Math.max(low, halfToEven(value / scale) + zero));
    return (q - zero) * scale;
  });
  return identity(node, site.add(rounded));
}

function halfToEven(value: number): number {
  const floor = Math.floor(value);
  return value - floor === 0.5 ? floor + (Math.abs(floor) % 2) : Math.round(value);
}

/** An operation on quantised values, each with its scale and zero point behind it. */
interface Form {
  /** The operation on floats. */
  readonly op: string;
  /** Where its values are among the inputs. */
  readonly values: (node: Node) => readonly number[];
  /** Where the scale of the output is. */
  readonly scale: number;
  /** The axis of weights that have a scale per channel. */
  readonly axis?: (node: Node) => number;
  /** Where the bias is: integers in units of the other inputs' scales. */
  readonly bias?: number;
}

/** The operation on floats, then the range of its output. */
const onFloats =
  ({ op, values, scale, axis = () => 0, bias }: Form): Upgrade['convert'] =>
  (node, site) => {
    if (intOf(node, 'channels_last', 0, site) !== 0) site.fail('channels at the end are not supported');
    const nodes: Node[] = [];
    const schemes = values(node).map((i) => schemeOf(node, site, i + 1, axis(node)));
    const inputs = values(node).map((i, k) => real(node.inputs[i], schemes[k], site, nodes));
    const integers = bias === undefined ? undefined : site.constant(node.inputs[bias]);
    if (integers) {
      const [x, w] = schemes.map((scheme) => numbers(scheme.scale));
      const alpha = floatOf(node, 'alpha', site) ?? 1;
      const product = float32(
        [w.length],
        w.map((each) => each * x[0] * alpha),
      );
      const scheme = { scale: product, zero: undefined, axis: integers.shape.length - 1 };
      inputs.push(site.add(dequantised(integers, scheme, site)));
    }
    const own = { name: node.name, attributes: withoutAttributes(node.attributes, 'channels_last', 'opset') };
    // Some may hand on floats.
    if (!node.inputs[scale]) return [...nodes, { ...own, op, inputs, outputs: node.outputs }];
    const y = site.fresh();
    return [
      ...nodes,
      { ...own, op, inputs, outputs: [y] },
      ranged({ ...node, name: `${node.name}/range` }, y, schemeOf(node, site, scale, 0), site),
    ];
  };

const both = () => [0, 3];
const first = () => [0];
/** Of the inputs from the third on. */
const triples = ({ inputs }: Node) => Array.from({ length: (inputs.length - 2) / 3 }, (_, i) => 2 + 3 * i);

/** Softmax as ONNX Runtime quantises it: along one axis only since operator set 13. */
function softmax(node: Node, site: UpgradeSite): Node | readonly Node[] {
  const axis = intOf(node, 'axis', -1, site);
  const rank = site.dims(node.inputs[0])?.length;
  if (intOf(node, 'opset', 13, site) < 13 && axis !== -1 && axis + 1 !== rank)
    site.fail('its axis joins dimensions', 'export with operator set 13 or later');
  const form = onFloats({ op: 'Softmax', values: first, scale: 3 });
  return form({ ...node, attributes: { ...node.attributes, axis } }, site);
}

/** The zero point of values that are quantised by their own range as they come: they are taken as they are, in units of 1. */
const dynamicZero = tensor('uint8', [], Uint8Array.of(0));

function quantizeDynamically(node: Node, site: UpgradeSite): readonly Node[] {
  const values = [node.inputs[0], site.add(float32([], [1])), site.add(dynamicZero)];
  return node.outputs
    .map((output, i) => identity({ ...node, name: `${node.name}/${i}` }, values[i], output))
    .filter(({ outputs }) => outputs[0] !== '');
}

/** x, w, x's zero point, w's zero point: sums of products of integers, as floats. */
const onIntegers =
  (op: 'Conv' | 'MatMul'): Upgrade['convert'] =>
  (node, site) => {
    const [x, w, zero, wZero] = node.inputs;
    const weights = site.constant(w) ?? site.fail('its weights must be constants');
    const one = float32([], [1]);
    const stored = { scale: one, zero: site.constant(wZero), axis: op === 'Conv' ? 0 : -1 };
    const nodes: Node[] = [];
    const type = site.type(x);
    const isDynamic = site.constant(zero) === dynamicZero;
    if (!isDynamic && !(type && isInteger(type)))
      site.fail(
        'it multiplies values that were quantised with a scale',
        'quantise with QuantizeLinear and QLinearConv',
      );
    const value = isDynamic ? x : real(x, { scale: one, zero: site.constant(zero), axis: 0 }, site, nodes);
    const inputs = [value, site.add(dequantised(weights, stored, site))];
    const { name, outputs, attributes } = node;
    return [...nodes, { op, name, inputs, outputs, attributes }];
  };

export const quantised: readonly Upgrade[] = [
  { ops: ['DequantizeLinear'], convert: dequantize },
  { ops: ['QuantizeLinear'], convert: quantize },
  { ops: ['DynamicQuantizeLinear'], convert: quantizeDynamically },
  { ops: ['ConvInteger'], convert: onIntegers('Conv') },
  { ops: ['MatMulInteger'], convert: onIntegers('MatMul') },
  { ops: ['QLinearConv'], convert: onFloats({ op: 'Conv', values: both, scale: 6, bias: 8 }) },
  { ops: ['QLinearMatMul'], convert: onFloats({ op: 'MatMul', values: both, scale: 6, axis: () => -1 }) },
  ...['Add', 'Mul'].map(
    (op): Upgrade => ({
      ops: [`QLinear${op}`],
      domain: microsoft,
      convert: onFloats({ op, values: both, scale: 6 }),
    }),
  ),
  ...['LeakyRelu', 'Sigmoid', 'AveragePool', 'GlobalAveragePool'].map(
    (op): Upgrade => ({
      ops: [`QLinear${op}`],
      domain: microsoft,
      convert: onFloats({ op, values: first, scale: 3 }),
    }),
  ),
  { ops: ['QLinearSoftmax'], domain: microsoft, convert: softmax },
  {
    ops: ['QLinearConcat'],
    domain: microsoft,
    convert: onFloats({ op: 'Concat', values: triples, scale: 0 }),
  },
  {
    ops: ['QGemm'],
    domain: microsoft,
    convert: onFloats({
      op: 'Gemm',
      values: both,
      scale: 7,
      bias: 6,
      axis: ({ attributes }) => (attributes.transB === 1 ? 0 : 1),
    }),
  },
];

/** The operators that say that a model is quantised. */
export const quantisedOperators: ReadonlySet<string> = new Set(quantised.flatMap(({ ops }) => ops));
