import { fail } from '../common/error.ts';
import { countOf, type DataType, type GraphBuilder, type Shape, size, type Tensor } from '../graph/index.ts';
import type { Site } from './site.ts';

/** Reshapes `value` to a shape of which one dimension may be symbolic (the batch). */
export function reshapeLike(b: GraphBuilder, value: string, shape: Shape): string {
  if (shape.filter((dim) => typeof dim === 'string').length > 1) {
    fail(`value '${value}'`, `cannot be reshaped to [${shape}]`, 'at most one dimension may be unknown');
  }
  return b.op('Reshape', [value, b.ints(...shape.map((dim) => (typeof dim === 'number' ? dim : -1)))]);
}

/** Sums `value` of shape `from` over the axes along which an input of shape `to` was broadcast to it. */
export function sumTo(b: GraphBuilder, value: string, from: Shape, to: Shape): string {
  const extra = from.length - to.length;
  const leading = from.slice(0, extra).map((_, i) => i);
  const inner = to.flatMap((dim, i) => (dim === 1 && from[i + extra] !== 1 ? [i] : []));
  const dropped =
    leading.length > 0 ? b.op('ReduceSum', [value, b.ints(...leading)], { keepdims: 0 }) : value;
  return inner.length > 0 ? b.op('ReduceSum', [dropped, b.ints(...inner)], { keepdims: 1 }) : dropped;
}

/** Repeats `value` of shape `from` to `to`, the shape of the value `like`; both have the same rank. */
export function expandTo(b: GraphBuilder, value: string, from: Shape, to: Shape, like: string): string {
  if (from.every((dim, i) => dim === to[i])) return value;
  // Expand keeps what the value has where the target says 1: symbolic dimensions that the value has need no name.
  const fixed = to.every((dim, i) => typeof dim === 'number' || dim === from[i]);
  const shape = fixed
    ? b.ints(...to.map((dim) => (typeof dim === 'number' ? dim : 1)))
    : b.op('Shape', [like]);
  return b.op('Expand', [value, shape]);
}

/** Zeros in the shape of another value. */
export function zerosLike(b: GraphBuilder, value: string): string {
  return b.op('Expand', [b.scalar(0), b.op('Shape', [value])]);
}

/** An axis of a tensor of the given rank, counted from the end if negative, as an index from 0. */
export function axisOf(site: Site, axis: number, rank: number): number {
  if (axis < -rank || axis >= rank) site.fail(`axis ${axis} is outside the ${rank} dimensions`);
  return axis < 0 ? axis + rank : axis;
}

/** Whether two shapes agree in every dimension. */
export const sameShape = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((dim, i) => dim === b[i]);

/** Whether no element of the i-th input is negative: a constant is looked at, of another value `known` tells. */
export function nonNegativeInput(site: Site, known: (value: string) => boolean, i: number): boolean {
  const constant = site.constant(i);
  return constant ? constant.data.every((value: number | bigint) => value >= 0) : known(site.input(i));
}

/** The elements of a shape, of symbolic dimensions (the batch) counted as 1. */
export const countPerImage = (shape: Shape): number =>
  size(shape.map((dim) => (typeof dim === 'number' ? dim : 1)));

/** The i-th input if it is a float32 constant. */
export function floatConstant(site: Site, i: number): Tensor<'float32'> | undefined {
  const constant = site.constant(i);
  return constant && isFloat32(constant) ? constant : undefined;
}

const isFloat32 = (tensor: Tensor): tensor is Tensor<'float32'> => tensor.type === 'float32';

/** The number that the i-th input is, where it is a constant of one element. */
export function scalarOf(site: Site, i: number): number | undefined {
  const constant = site.constant(i);
  return constant && countOf(constant) === 1 ? site.constants(i)[0] : undefined;
}

export const isInteger = (type: DataType): boolean => /^u?int/.test(type);
