import type { GraphBuilder } from '../../graph/index.ts';
import { signOf, times } from '../elementwise/elementwise.ts';
import type { Operator } from '../operator.ts';
import { expandTo } from '../shaping.ts';
import type { Site } from '../site.ts';
import { evaluateReduction } from './evaluate.ts';
import { globalReduction, keepDims, type Reduction, reductionOf } from './reduction.ts';

/** A function of a sum of functions of elements: y = outer(Σ inner(x)). */
interface Norm {
  readonly reduction?: (site: Site) => Reduction;
  readonly inner: (x: number, site: Site) => number;
  readonly outer: (sum: number, site: Site) => number;
  /** ∂y/∂x from x and from y, repeated to x's shape. */
  readonly slope: (b: GraphBuilder, v: { x: string; y: string; site: Site }) => string;
  readonly nonNegative?: boolean;
  readonly lower?: Operator['lower'];
}

function norm(
  op: string,
  { reduction = reductionOf, inner, outer, slope, nonNegative, lower }: Norm,
): Operator {
  return {
    op,
    shapes: (site) => [reduction(site).output],
    role: () => ({ kind: 'sum', linear: false }),
    nonNegative: () => nonNegative === true,
    ...(lower && { lower }),
    evaluate: (site, [x]) =>
      x &&
      evaluateReduction(x, reduction(site), { of: (v) => inner(v, site), end: (sum) => outer(sum, site) }),
    vjp(b, site, [dy], input) {
      if (dy === undefined || input !== 0) return undefined;
      const reduced = reduction(site);
      const repeated = (value: string) =>
        expandTo(b, keepDims(b, value, reduced), reduced.kept, site.shape(0), site.input(0));
      const y = repeated(site.node.outputs[0]);
      return b.op('Mul', [repeated(dy), slope(b, { x: site.input(0), y, site })]);
    },
  };
}

/** value/y, and 0 where y is: there is no slope at a norm's minimum. */
function overNorm(b: GraphBuilder, value: string, y: string): string {
  const isZero = b.op('Equal', [y, b.scalar(0)]);
  return b.op('Where', [isZero, b.scalar(0), b.op('Div', [value, b.op('Where', [isZero, b.scalar(1), y])])]);
}

/** Σ |x|. */
export const reduceL1 = norm('ReduceL1', {
  inner: Math.abs,
  outer: (sum) => sum,
  slope: (b, { x }) => signOf(b, x),
  nonNegative: true,
});

/** √Σ x². */
export const reduceL2 = norm('ReduceL2', {
  inner: (x) => x * x,
  outer: Math.sqrt,
  slope: (b, { x, y }) => overNorm(b, x, y),
  nonNegative: true,
});

/** Σ x². */
export const reduceSumSquare = norm('ReduceSumSquare', {
  inner: (x) => x * x,
  outer: (sum) => sum,
  slope: (b, { x }) => times(b, x, 2),
  nonNegative: true,
});

/** log Σ x. */
export const reduceLogSum = norm('ReduceLogSum', {
  inner: (x) => x,
  outer: Math.log,
  slope: (b, { y }) => b.op('Exp', [b.op('Neg', [y])]),
});

/** log Σ eˣ. */
export const reduceLogSumExp = norm('ReduceLogSumExp', {
  inner: Math.exp,
  outer: Math.log,
  slope: (b, { x, y }) => b.op('Exp', [b.op('Sub', [x, y])]),
});

export const orderOf = (site: Site): number => {
  const p = site.int('p', 2);
  return p >= 1 ? p : site.fail(`a norm of order ${p} does not exist`);
};

/** |x|^p, by nodes. */
export const toPower = (b: GraphBuilder, x: string, p: number): string =>
  p === 1 ? b.op('Abs', [x]) : p === 2 ? b.op('Mul', [x, x]) : b.op('Pow', [b.op('Abs', [x]), b.scalar(p)]);

/** sign(x)·|x|^(p − 1), by nodes. */
export function slopeOfPower(b: GraphBuilder, x: string, p: number): string {
  if (p === 1) return signOf(b, x);
  return p === 2 ? x : b.op('Mul', [x, toPower(b, x, p - 2)]);
}

/** value/y^(p − 1), and 0 where y is. */
export const overPower = (b: GraphBuilder, value: string, y: string, p: number): string =>
  p === 1 ? value : overNorm(b, value, toPower(b, y, p - 1));

/** (Σ |x|^p)^(1/p) over all positions of a channel. */
export const globalLpPool = norm('GlobalLpPool', {
  reduction: globalReduction,
  inner: (x, site) => Math.abs(x) ** orderOf(site),
  outer: (sum, site) => sum ** (1 / orderOf(site)),
  slope: (b, { x, y, site }) => overPower(b, slopeOfPower(b, x, orderOf(site)), y, orderOf(site)),
  nonNegative: true,
  // The kernel of ONNX Runtime is for the CPU only.
  lower(b, site) {
    const { axes } = globalReduction(site);
    const p = orderOf(site);
    const sum = b.op('ReduceSum', [toPower(b, site.input(0), p), b.ints(...axes)], { keepdims: 1 });
    return root(b, sum, p);
  },
});

/** x^(1/p), by nodes. */
export const root = (b: GraphBuilder, x: string, p: number): string =>
  p === 1 ? x : p === 2 ? b.op('Sqrt', [x]) : b.op('Pow', [x, b.scalar(1 / p)]);
