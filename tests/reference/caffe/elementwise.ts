import { at, build, count, map, type NdArray } from '../array.ts';

export const relu = (x: NdArray, slope: number): NdArray =>
  map(x, (v) => Math.max(v, 0) + slope * Math.min(v, 0));

/** One slope per channel, or one for all. */
export const prelu = (x: NdArray, slopes: NdArray): NdArray =>
  build(x.shape, (index) => {
    const slope = slopes.data[slopes.data.length === 1 ? 0 : index[1]];
    const v = at(x, index);
    return Math.max(v, 0) + slope * Math.min(v, 0);
  });

export const elu = (x: NdArray, alpha: number): NdArray =>
  map(x, (v) => Math.max(v, 0) + alpha * (Math.exp(Math.min(v, 0)) - 1));

export const power = (x: NdArray, p: { power: number; scale: number; shift: number }): NdArray =>
  map(x, (v) => (p.shift + p.scale * v) ** p.power);

export interface Logarithmic {
  /** −1 means e. */
  readonly base: number;
  readonly scale: number;
  readonly shift: number;
}

export const exp = (x: NdArray, { base, scale, shift }: Logarithmic): NdArray =>
  map(x, (v) => (base === -1 ? Math.E : base) ** (shift + scale * v));

export const log = (x: NdArray, { base, scale, shift }: Logarithmic): NdArray =>
  map(x, (v) => Math.log(shift + scale * v) / (base === -1 ? 1 : Math.log(base)));

export const swish = (x: NdArray, beta: number): NdArray => map(x, (v) => v / (1 + Math.exp(-beta * v)));

export function eltwise(
  xs: readonly NdArray[],
  operation: 'SUM' | 'PROD' | 'MAX',
  coeff: readonly number[],
): NdArray {
  const combine = {
    SUM: (values: number[]) => values.reduce((sum, v, i) => sum + (coeff[i] ?? 1) * v, 0),
    PROD: (values: number[]) => values.reduce((product, v) => product * v, 1),
    MAX: (values: number[]) => Math.max(...values),
  }[operation];
  return { shape: xs[0].shape, data: xs[0].data.map((_, i) => combine(xs.map((x) => x.data[i]))) };
}

/** f(x, s), with s repeated over the axes before `axis` and over those behind its own. */
export function placed(x: NdArray, s: NdArray, axis: number, f: (x: number, s: number) => number): NdArray {
  const inner = count(x.shape.slice(axis + s.shape.length));
  return {
    shape: x.shape,
    data: x.data.map((v, i) => f(v, s.data[Math.floor(i / inner) % s.data.length])),
  };
}
