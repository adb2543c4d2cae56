import type { GraphBuilder, Shape } from '../../graph/index.ts';
import { axisOf, reshapeLike } from '../shaping.ts';
import type { Site } from '../site.ts';

/** What a reduction reduces, and to what. */
export interface Reduction {
  readonly axes: readonly number[];
  /** The output's shape with the reduced dimensions kept as 1. */
  readonly kept: Shape;
  readonly output: Shape;
}

/** The reduction of ReduceSum, ReduceMean and ReduceMax: axes are a constant input; without it all are reduced. */
export function reductionOf(site: Site): Reduction {
  const shape = site.shape(0);
  const given = site.has(1) ? site.constants(1) : [];
  const all = given.length === 0 && site.int('noop_with_empty_axes', 0) === 0;
  const axes = all ? shape.map((_, i) => i) : given.map((axis) => axisOf(site, axis, shape.length));
  const kept = shape.map((dim, i) => (axes.includes(i) ? 1 : dim));
  const output = site.int('keepdims', 1) === 1 ? kept : kept.filter((_, i) => !axes.includes(i));
  return { axes, kept, output };
}

/** GlobalAveragePool's and GlobalMaxPool's: all spatial axes, kept as 1. */
export function globalReduction(site: Site): Reduction {
  const shape = site.shape(0);
  if (shape.length < 3) site.fail(`needs an input with spatial axes, got [${shape}]`);
  const kept = shape.map((dim, i) => (i < 2 ? dim : 1));
  return { axes: shape.flatMap((_, i) => (i < 2 ? [] : [i])), kept, output: kept };
}

/** A value in a reduction's output shape with the reduced dimensions as 1. */
export function keepDims(b: GraphBuilder, value: string, { kept, output }: Reduction): string {
  return kept.length === output.length ? value : reshapeLike(b, value, kept);
}
