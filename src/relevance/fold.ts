import { type Attributes, float32, size, type Tensor } from '../graph/index.ts';
import { operatorOf, type Site } from '../operators/index.ts';
import type { Affine } from './affine.ts';

/** A linear operation with changed weights and bias. */
export interface Folding {
  readonly op: string;
  readonly attributes: Attributes;
  readonly weight: Tensor<'float32'>;
  readonly bias?: Tensor<'float32'>;
}

/** A linear operation taken apart: its numbers, and which channels each weight connects. */
interface Linear {
  readonly weight: Tensor;
  /** One number per output channel; undefined where there is none. */
  readonly bias?: readonly number[];
  readonly inputs: number;
  readonly outputs: number;
  /** The axes of the channels in the input and in the output. */
  readonly inputAxis: number;
  readonly outputAxis: number;
  readonly inputOf: (weight: number) => number;
  readonly outputOf: (weight: number) => number;
  /** Gemm's factor on the weights. */
  readonly alpha: number;
  /** Whether a constant added to the input adds the same to every output of a channel. */
  readonly uniform: boolean;
}

/** The operation followed by a scale and shift per output channel; undefined where it cannot be one. */
export function foldAfter(site: Site, affine: Affine): Folding | undefined {
  const linear = linearOf(site);
  if (!linear || (affine.axis !== undefined && affine.axis !== linear.outputAxis)) return undefined;
  const { weight, bias, outputs, outputOf, alpha } = linear;
  const [scale, shift] = [perChannel(affine.scale, outputs), perChannel(affine.shift, outputs)];
  if (!scale || !shift) return undefined;
  return folding(
    site,
    Float32Array.from(weight.data as Float32Array, (w, i) => w * alpha * scale[outputOf(i)]),
    shift.map((t, k) => (bias?.[k] ?? 0) * scale[k] + t),
  );
}

/** A scale and shift per input channel followed by the operation; undefined where padding sees no shift. */
export function foldBefore(site: Site, affine: Affine): Folding | undefined {
  const linear = linearOf(site);
  if (!linear || (affine.axis !== undefined && affine.axis !== linear.inputAxis)) return undefined;
  if (!linear.uniform && affine.shift.some((t) => t !== 0)) return undefined;
  const { weight, bias, inputs, outputs, inputOf, outputOf, alpha } = linear;
  const [scale, shift] = [perChannel(affine.scale, inputs), perChannel(affine.shift, inputs)];
  if (!scale || !shift) return undefined;
  const sums = Array.from({ length: outputs }, (_, k) => bias?.[k] ?? 0);
  const changed = Float32Array.from(weight.data as Float32Array, (w, i) => {
    sums[outputOf(i)] += w * alpha * shift[inputOf(i)];
    return w * alpha * scale[inputOf(i)];
  });
  return folding(site, changed, sums);
}

/** Gemm without its factors alpha and beta; undefined where it has none. */
export function foldFactors(site: Site): Folding | undefined {
  if (site.node.op !== 'Gemm' || (site.float('alpha', 1) === 1 && site.float('beta', 1) === 1))
    return undefined;
  return foldAfter(site, { input: 0, scale: [1], shift: [0] });
}

/** One number per channel from one per channel or one for all; undefined if there are more. */
function perChannel(values: readonly number[], channels: number): readonly number[] | undefined {
  if (values.length === channels) return values;
  return values.length === 1 ? Array.from({ length: channels }, () => values[0]) : undefined;
}

function folding(site: Site, weight: Float32Array, bias: readonly number[]): Folding | undefined {
  const { op, attributes } = site.node;
  const without = site.has(2) || bias.some((b) => b !== 0) ? undefined : 'no bias';
  const parts = {
    weight: float32(site.constant(1)!.shape, weight),
    ...(!without && { bias: float32([bias.length], bias) }),
  };
  if (op === 'Gemm') return { op, attributes: site.int('transB', 0) ? { transB: 1 } : {}, ...parts };
  if (op !== 'MatMul' || without) return { op, attributes, ...parts };
  // Only Gemm has room for a bias, and it takes nothing but matrices.
  return site.shape(0).length === 2 ? { op: 'Gemm', attributes: {}, ...parts } : undefined;
}

function linearOf(site: Site): Linear | undefined {
  const role = operatorOf(site.node).role(site);
  if (role.kind !== 'linear' || (role.map.kind !== 'convolution' && role.map.kind !== 'dense'))
    return undefined;
  const weight = site.constant(1);
  if (!weight || (site.has(2) && !site.constant(2))) return undefined;
  return role.map.kind === 'dense' ? dense(site, weight) : convolution(site, weight);
}

function convolution(site: Site, weight: Tensor): Linear {
  const [first, second, ...kernel] = weight.shape;
  const cells = size(kernel);
  const groups = site.int('group', 1);
  const perGroup = first / groups;
  const outer = (i: number) => Math.floor(i / (second * cells));
  // The second axis counts within the group of the first.
  const inner = (i: number) => Math.floor(outer(i) / perGroup) * second + (Math.floor(i / cells) % second);
  const isTransposed = site.node.op === 'ConvTranspose';
  const [outputOf, inputOf] = isTransposed ? [inner, outer] : [outer, inner];
  const [outputs, inputs] = isTransposed ? [second * groups, first] : [first, second * groups];
  const auto = site.string('auto_pad', 'NOTSET');
  const pads = site.ints('pads', [0]);
  const isPadded = auto === 'NOTSET' ? pads.some((n) => n !== 0) : auto !== 'VALID';
  return {
    weight,
    ...(site.has(2) && { bias: site.constants(2) }),
    inputs,
    outputs,
    inputAxis: 1,
    outputAxis: 1,
    inputOf,
    outputOf,
    alpha: 1,
    uniform: !isTransposed && !isPadded,
  };
}

function dense(site: Site, weight: Tensor): Linear | undefined {
  const [rows, columns] = weight.shape;
  const isTransposed = site.node.op === 'Gemm' && site.int('transB', 0) === 1;
  const row = (i: number) => Math.floor(i / columns);
  const column = (i: number) => i % columns;
  const [inputs, outputs] = isTransposed ? [columns, rows] : [rows, columns];
  const beta = site.node.op === 'Gemm' ? site.float('beta', 1) : 1;
  const bias = site.has(2) ? perOutput(site, outputs)?.map((c) => c * beta) : undefined;
  if (site.has(2) && !bias) return undefined;
  const axis = site.shape(0).length - 1;
  return {
    weight,
    ...(bias && { bias }),
    inputs,
    outputs,
    inputAxis: axis,
    outputAxis: axis,
    inputOf: isTransposed ? column : row,
    outputOf: isTransposed ? row : column,
    alpha: site.node.op === 'Gemm' ? site.float('alpha', 1) : 1,
    uniform: true,
  };
}

/** Gemm's C as one number per column; undefined where rows differ. */
function perOutput(site: Site, outputs: number): readonly number[] | undefined {
  const shape = site.dims(2);
  const rowsDiffer = shape.slice(0, -1).some((n) => n !== 1);
  return rowsDiffer ? undefined : perChannel(site.constants(2), outputs);
}
