import type { GraphBuilder } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import type { Site } from '../site.ts';
import { mapNumbers, one } from '../value.ts';

/** What a function of one element is. */
export interface Elementwise extends Pick<Operator, 'link' | 'gate' | 'since' | 'lower'> {
  /** Its value. */
  readonly value: (x: number, site: Site) => number;
  /** dx from dy, x and y. */
  readonly derivative: (b: GraphBuilder, v: { dy: string; x: string; y: string; site: Site }) => string;
  /** Never negative: at all, or where the input is not. */
  readonly nonNegative?: 'always' | 'preserved';
}

export function elementwise(op: string, { value, derivative, nonNegative, ...more }: Elementwise): Operator {
  return {
    op,
    shapes: (site) => [site.shape(0)],
    role: () => ({ kind: 'activation' }),
    nonNegative: (site, known) =>
      nonNegative === 'always' || (nonNegative === 'preserved' && known(site.input(0))),
    evaluate: (site, [x]) => one(x && mapNumbers(x, (element) => value(element, site))),
    ...more,
    vjp: (b, site, [dy]) => dy && derivative(b, { dy, x: site.input(0), y: site.node.outputs[0], site }),
  };
}

export const times = (b: GraphBuilder, value: string, factor: number): string =>
  b.op('Mul', [value, b.scalar(factor)]);

/** −1, 0 or 1, from comparisons: WebGPU lacks Sign. */
export const signOf = (b: GraphBuilder, x: string): string =>
  b.op('Where', [
    isPositive(b, x),
    b.scalar(1),
    b.op('Where', [b.op('Less', [x, b.scalar(0)]), b.scalar(-1), b.scalar(0)]),
  ]);

export const isPositive = (b: GraphBuilder, value: string): string => b.op('Greater', [value, b.scalar(0)]);

export const sigmoid = elementwise('Sigmoid', {
  value: (x) => 1 / (1 + Math.exp(-x)),
  link: 'sigmoid',
  gate: () => true,
  derivative: (b, { dy, y }) => b.op('Mul', [dy, b.op('Mul', [y, b.op('Sub', [b.scalar(1), y])])]),
  nonNegative: 'always',
});

export const tanh = elementwise('Tanh', {
  value: Math.tanh,
  derivative: (b, { dy, y }) => b.op('Mul', [dy, b.op('Sub', [b.scalar(1), b.op('Mul', [y, y])])]),
  nonNegative: 'preserved',
});

export const sin = elementwise('Sin', {
  value: Math.sin,
  derivative: (b, { dy, x }) => b.op('Mul', [dy, b.op('Cos', [x])]),
});

export const cos = elementwise('Cos', {
  value: Math.cos,
  derivative: (b, { dy, x }) => b.op('Neg', [b.op('Mul', [dy, b.op('Sin', [x])])]),
});

/** y = clip(αx + β, 0, 1). */
export const hardSigmoid = elementwise('HardSigmoid', {
  value: (x, site) => Math.min(Math.max(site.float('alpha', 0.2) * x + site.float('beta', 0.5), 0), 1),
  gate: () => true,
  derivative(b, { dy, y, site }) {
    const inside = b.op('Where', [
      b.op('Less', [y, b.scalar(1)]),
      times(b, dy, site.float('alpha', 0.2)),
      b.scalar(0),
    ]);
    return b.op('Where', [isPositive(b, y), inside, b.scalar(0)]);
  },
  nonNegative: 'always',
});

/** y = x·clip(x/6 + 1/2, 0, 1). */
export const hardSwish = elementwise('HardSwish', {
  value: (x) => x * Math.min(Math.max(x / 6 + 0.5, 0), 1),
  derivative(b, { dy, x }) {
    const slope = b.op('Add', [times(b, x, 1 / 3), b.scalar(0.5)]);
    const below3 = b.op('Where', [b.op('Less', [x, b.scalar(3)]), b.op('Mul', [dy, slope]), dy]);
    return b.op('Where', [b.op('Greater', [x, b.scalar(-3)]), below3, b.scalar(0)]);
  },
  nonNegative: 'preserved',
});

// The sign of y is that of x where the slope on the negative side is not negative: then the input need not be kept.
const signed = (x: string, y: string, slope: number): string => (slope >= 0 ? y : x);

/** y = x where x > 0, else αx. */
export const leakyRelu = elementwise('LeakyRelu', {
  value: (x, site) => (x > 0 ? x : site.float('alpha', 0.01) * x),
  derivative(b, { dy, x, y, site }) {
    const alpha = site.float('alpha', 0.01);
    return b.op('Where', [isPositive(b, signed(x, y, alpha)), dy, times(b, dy, alpha)]);
  },
  nonNegative: 'preserved',
});

/** y = x where x > 0, else α(eˣ − 1). */
export const elu = elementwise('Elu', {
  value: (x, site) => (x > 0 ? x : site.float('alpha', 1) * Math.expm1(x)),
  derivative(b, { dy, x, y, site }) {
    const alpha = site.float('alpha', 1);
    const below = b.op('Mul', [dy, b.op('Add', [y, b.scalar(alpha)])]);
    return b.op('Where', [isPositive(b, signed(x, y, alpha)), dy, below]);
  },
  nonNegative: 'preserved',
});

/** |x|; the derivative at 0 is 0. Where rather than Sign, which WebGPU lacks. */
export const abs = elementwise('Abs', {
  value: Math.abs,
  derivative(b, { dy, x }) {
    const below = b.op('Where', [b.op('Less', [x, b.scalar(0)]), b.op('Neg', [dy]), b.scalar(0)]);
    return b.op('Where', [isPositive(b, x), dy, below]);
  },
  nonNegative: 'always',
});

export const exp = elementwise('Exp', {
  value: Math.exp,
  derivative: (b, { dy, y }) => b.op('Mul', [dy, y]),
  nonNegative: 'always',
});

export const log = elementwise('Log', {
  value: Math.log,
  derivative: (b, { dy, x }) => b.op('Div', [dy, x]),
});

export const sqrt = elementwise('Sqrt', {
  value: Math.sqrt,
  derivative: (b, { dy, y }) => b.op('Div', [times(b, dy, 0.5), y]),
  nonNegative: 'always',
});
