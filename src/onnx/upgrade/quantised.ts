import type { Node } from '../../graph/graph.ts';
import { float32, numbers, type Tensor } from '../../graph/tensor.ts';
import { intOf, type Upgrade, type UpgradeSite } from './step.ts';

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

function schemeOf(node: Node, site: UpgradeSite, scaleInput: number, axis: number): Scheme {
  const [scaleName, zeroName] = [node.inputs[scaleInput], node.inputs[scaleInput + 1]];
  const scale = site.constant(scaleName) ?? site.fail('its scale must be a constant');
  const zero = zeroName
    ? (site.constant(zeroName) ?? site.fail('its zero point must be a constant'))
    : undefined;
  return { scale, zero, axis };
}

/** scale·(q − zero). */
function dequantised(q: Tensor, { scale, zero, axis }: Scheme, site: UpgradeSite): Tensor<'float32'> {
  const [scales, zeros] = [numbers(scale), zero ? numbers(zero) : [0]];
  const at = axis < 0 ? axis + q.shape.length : axis;
  const inner = q.shape.slice(at + 1).reduce((product, n) => product * n, 1);
  const channels = q.shape[at] ?? 1;
  if (scales.length > 1 && scales.length !== channels)
    site.fail(`${scales.length} scales do not fit an axis of ${channels}`);
  const channel = (i: number) => Math.floor(i / inner) % channels;
  const pick = (list: readonly number[], i: number) => (list.length === 1 ? list[0] : list[channel(i)]);
  const data = new Float32Array(q.data.length);
  for (let i = 0; i < data.length; i++) data[i] = (Number(q.data[i]) - pick(zeros, i)) * pick(scales, i);
  return float32(q.shape, data);
}

function dequantize(node: Node, site: UpgradeSite): Node {
  const constant = site.constant(node.inputs[0]);
  if (!constant || constant.type === 'float32')
    return { ...node, op: 'Identity', inputs: [node.inputs[0]], attributes: {} };
  if (intOf(node, 'block_size', 0, site) !== 0) site.fail('scales per block are not supported');
  const scheme = schemeOf(node, site, 1, intOf(node, 'axis', 1, site));
  return identity(node, site.add(dequantised(constant, scheme, site)));
}

const identity = (node: Node, input: string): Node => ({
  ...node,
  op: 'Identity',
  inputs: [input],
  attributes: {},
});

/** The range that 8 bits leave to a value. */
function ranged(node: Node, value: string, { scale, zero }: Scheme, site: UpgradeSite): Node {
  const [scales, zeros] = [numbers(scale), zero ? numbers(zero) : [0]];
  if (scales.length > 1) site.fail('values that are quantised per channel on their way are not supported');
  const [low, high] = zero === undefined || zero.type === 'uint8' ? [0, 255] : [-128, 127];
  const bound = (q: number) => site.add(float32([], [(q - zeros[0]) * scales[0]]));
  return { ...node, op: 'Clip', inputs: [value, bound(low), bound(high)], attributes: {} };
}

const quantize = (node: Node, site: UpgradeSite): Node =>
  ranged(node, node.inputs[0], schemeOf(node, site, 1, 1), site);

/** x, scale, zero, w, scale, zero, y's scale, zero[, bias]: the operation on floats, then the range of y. */
function linear(op: 'Conv' | 'MatMul') {
  return (node: Node, site: UpgradeSite): readonly Node[] => {
    const w = site.constant(node.inputs[3]) ?? site.fail('its weights must be constants');
    const weights = schemeOf(node, site, 4, op === 'Conv' ? 0 : -1);
    const inputs = [node.inputs[0], site.add(dequantised(w, weights, site))];
    const bias = site.constant(node.inputs[8]);
    if (bias) {
      const [x] = numbers(schemeOf(node, site, 1, 0).scale);
      const scale = numbers(weights.scale).map((value) => value * x);
      const scheme = { scale: float32([scale.length], scale), zero: undefined, axis: 0 };
      inputs.push(site.add(dequantised(bias, scheme, site)));
    }
    const y = site.fresh();
    return [
      { ...node, op, inputs, outputs: [y] },
      ranged({ ...node, name: `${node.name}/range` }, y, schemeOf(node, site, 6, 0), site),
    ];
  };
}

export const quantised: readonly Upgrade[] = [
  { ops: ['DequantizeLinear'], convert: dequantize },
  { ops: ['QuantizeLinear'], convert: quantize },
  { ops: ['QLinearConv'], convert: linear('Conv') },
  { ops: ['QLinearMatMul'], convert: linear('MatMul') },
];

/** The operators that say that a model is quantised. */
export const quantisedOperators: ReadonlySet<string> = new Set(quantised.flatMap(({ ops }) => ops));
