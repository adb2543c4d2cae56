import type { Shape } from '../graph/index.ts';
import { operatorOf, type Site } from '../operators/index.ts';

/** y = x·scale + shift, element by element, with one scale and shift per channel or one for all. */
export interface Affine {
  /** Which of the node's inputs is x. */
  readonly input: number;
  /** The axis of the channels; undefined where there is one scale and one shift for all. */
  readonly axis?: number;
  /** One number per channel, or one. */
  readonly scale: readonly number[];
  readonly shift: readonly number[];
}

/** What a node computes, if it is such an operation with constants; a constant per pixel is none. */
export function affineOf(site: Site): Affine | undefined {
  const role = operatorOf(site.node).role(site);
  if (role.kind !== 'linear' || role.map.kind !== 'affine') return undefined;
  const { input } = role.map;
  if (site.node.op === 'BatchNormalization') return batchNormalization(site);
  const axis = channelAxis(site.shape(1 - input), site.shape(input).length);
  if (axis === 'several') return undefined;
  const values = site.constants(1 - input);
  const make = arithmetic[site.node.op]?.[input];
  return make && { input, axis, ...make(values) };
}

type Make = (c: readonly number[]) => {
  readonly scale: readonly number[];
  readonly shift: readonly number[];
};

const one = (c: readonly number[]) => c.map(() => 1);
const zero = (c: readonly number[]) => c.map(() => 0);
const plus: Make = (c) => ({ scale: one(c), shift: c });
const times: Make = (c) => ({ scale: c, shift: zero(c) });

/** By operator, and by which of the two inputs is x. */
const arithmetic: Readonly<Record<string, readonly (Make | undefined)[]>> = {
  Add: [plus, plus],
  Mul: [times, times],
  Sub: [(c) => plus(c.map((v) => -v)), (c) => ({ scale: c.map(() => -1), shift: c })],
  Div: [(c) => times(c.map((v) => 1 / v))],
};

function batchNormalization(site: Site): Affine | undefined {
  if ([1, 2, 3, 4].some((i) => !site.constant(i))) return undefined;
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => site.constants(i));
  const epsilon = site.float('epsilon', 1e-5);
  const factor = scale.map((s, c) => s / Math.sqrt(variance[c] + epsilon));
  return { input: 0, axis: 1, scale: factor, shift: bias.map((b, c) => b - mean[c] * factor[c]) };
}

/** The one axis along which a constant of this shape differs when it is broadcast to a rank. */
function channelAxis(shape: Shape, rank: number): number | undefined | 'several' {
  const axes = shape.flatMap((n, i) => (n === 1 ? [] : [i + rank - shape.length]));
  return axes.length > 1 ? 'several' : axes[0];
}
