import type { GraphBuilder } from '../../graph/index.ts';
import type { Site } from '../site.ts';
import { elementwise, times } from './elementwise.ts';

/** The error function, by the series 2/√π·e^(−x²)·Σ 2ⁿx²ⁿ⁺¹/(2n + 1)!!, whose terms are of one sign. */
export function erfOf(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let term = x;
  let sum = x;
  for (let n = 1; Math.abs(term) > Math.abs(sum) * 1e-17; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** e^(−x²·by), by nodes. */
const bell = (b: GraphBuilder, x: string, by: number): string =>
  b.op('Exp', [times(b, b.op('Mul', [x, x]), -by)]);

const sum = (b: GraphBuilder, ...values: string[]): string =>
  values.reduce((total, value) => b.op('Add', [total, value]));

export const erf = elementwise('Erf', {
  value: erfOf,
  derivative: (b, { dy, x }) => b.op('Mul', [dy, times(b, bell(b, x, 1), 2 / Math.sqrt(Math.PI))]),
  nonNegative: 'preserved',
});

const isTanh = (site: Site): boolean => {
  const kind = site.string('approximate', 'none');
  if (kind !== 'none' && kind !== 'tanh') site.fail(`the approximation '${kind}' is not supported`);
  return kind === 'tanh';
};

const [slope, cubic] = [Math.sqrt(2 / Math.PI), 0.044715];

/** tanh(√(2/π)·(x + 0.044715x³)), by nodes. */
function geluTanh(b: GraphBuilder, x: string): string {
  const cube = b.op('Mul', [b.op('Mul', [x, x]), x]);
  return b.op('Tanh', [times(b, sum(b, x, times(b, cube, cubic)), slope)]);
}

/** Φ(x), the share of a normal distribution below x, by nodes. */
const normalBelow = (b: GraphBuilder, x: string): string =>
  times(b, b.op('Add', [b.op('Erf', [b.op('Div', [x, b.scalar(Math.SQRT2)])]), b.scalar(1)]), 0.5);

/** y = x·Φ(x) (Hendrycks and Gimpel 2016), or with `approximate: tanh` y = x/2·(1 + tanh(√(2/π)(x + 0.044715x³))). */
export const gelu = elementwise('Gelu', {
  since: 20,
  value: (x, site) =>
    isTanh(site)
      ? (x / 2) * (1 + Math.tanh(slope * (x + cubic * x ** 3)))
      : (x / 2) * (1 + erfOf(x / Math.SQRT2)),
  lower(b, site) {
    const x = site.input(0);
    // In the order that ONNX Runtime fuses.
    const factor = isTanh(site)
      ? b.op('Add', [geluTanh(b, x), b.scalar(1)])
      : b.op('Add', [b.op('Erf', [b.op('Div', [x, b.scalar(Math.SQRT2)])]), b.scalar(1)]);
    return times(b, b.op('Mul', [x, factor]), 0.5);
  },
  derivative(b, { dy, x, site }) {
    if (!isTanh(site)) {
      const density = times(b, bell(b, x, 0.5), 1 / Math.sqrt(2 * Math.PI));
      return b.op('Mul', [dy, sum(b, normalBelow(b, x), b.op('Mul', [x, density]))]);
    }
    const t = geluTanh(b, x);
    const inner = b.op('Add', [times(b, b.op('Mul', [x, x]), 3 * cubic * slope), b.scalar(slope)]);
    const steep = b.op('Mul', [b.op('Mul', [x, inner]), b.op('Sub', [b.scalar(1), b.op('Mul', [t, t])])]);
    return b.op('Mul', [dy, times(b, sum(b, t, steep, b.scalar(1)), 0.5)]);
  },
});

/** y = x·σ(αx): SiLU with α = 1. */
export const swish = elementwise('Swish', {
  since: 24,
  value: (x, site) => x / (1 + Math.exp(-site.float('alpha', 1) * x)),
  lower: (b, site) => b.op('Mul', [site.input(0), swishGate(b, site)]),
  derivative(b, { dy, x, site }) {
    const gate = swishGate(b, site);
    const change = b.op('Mul', [gate, b.op('Sub', [b.scalar(1), gate])]);
    return b.op('Mul', [dy, sum(b, gate, times(b, b.op('Mul', [x, change]), site.float('alpha', 1)))]);
  },
});

const swishGate = (b: GraphBuilder, site: Site): string => {
  const alpha = site.float('alpha', 1);
  return b.op('Sigmoid', [alpha === 1 ? site.input(0) : times(b, site.input(0), alpha)]);
};

const softplusOf = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** y = x·tanh(log(1 + eˣ)) (Misra 2019). */
export const mish = elementwise('Mish', {
  value: (x) => x * Math.tanh(softplusOf(x)),
  lower: (b, site) => b.op('Mul', [site.input(0), b.op('Tanh', [b.op('Softplus', [site.input(0)])])]),
  derivative(b, { dy, x }) {
    const t = b.op('Tanh', [b.op('Softplus', [x])]);
    const change = b.op('Mul', [b.op('Sub', [b.scalar(1), b.op('Mul', [t, t])]), b.op('Sigmoid', [x])]);
    return b.op('Mul', [dy, sum(b, t, b.op('Mul', [x, change]))]);
  },
});

/** y = log(1 + eˣ). */
export const softplus = elementwise('Softplus', {
  value: softplusOf,
  derivative: (b, { dy, x }) => b.op('Mul', [dy, b.op('Sigmoid', [x])]),
  nonNegative: 'always',
});

/** y = x/(1 + |x|). */
export const softsign = elementwise('Softsign', {
  value: (x) => x / (1 + Math.abs(x)),
  derivative(b, { dy, x }) {
    const below = b.op('Add', [b.op('Abs', [x]), b.scalar(1)]);
    return b.op('Div', [dy, b.op('Mul', [below, below])]);
  },
  nonNegative: 'preserved',
});

/** y = 1/x. */
export const reciprocal = elementwise('Reciprocal', {
  value: (x) => 1 / x,
  derivative: (b, { dy, y }) => b.op('Neg', [b.op('Mul', [dy, b.op('Mul', [y, y])])]),
  nonNegative: 'preserved',
});
