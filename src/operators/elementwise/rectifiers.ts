import { elementwise, isPositive, times } from './elementwise.ts';

/** y = γx where x > 0, else γα(eˣ − 1) (Klambauer et al. 2017). */
export const selu = elementwise('Selu', {
  value(x, site) {
    const [alpha, gamma] = [site.float('alpha', seluAlpha), site.float('gamma', seluGamma)];
    return gamma * (x > 0 ? x : alpha * Math.expm1(x));
  },
  derivative(b, { dy, x, y, site }) {
    const [alpha, gamma] = [site.float('alpha', seluAlpha), site.float('gamma', seluGamma)];
    const below = b.op('Mul', [dy, b.op('Add', [y, b.scalar(alpha * gamma)])]);
    return b.op('Where', [isPositive(b, x), times(b, dy, gamma), below]);
  },
  nonNegative: 'preserved',
});

/** ONNX's defaults, which are float32's nearest to the paper's. */
const [seluAlpha, seluGamma] = [1.6732631921768188, 1.0507010221481323];

/** y = max(x, 0) + min(α(e^(x/α) − 1), 0) (Barron 2017). */
export const celu = elementwise('Celu', {
  value(x, site) {
    const alpha = site.float('alpha', 1);
    return Math.max(x, 0) + Math.min(alpha * Math.expm1(x / alpha), 0);
  },
  derivative(b, { dy, x, site }) {
    const alpha = site.float('alpha', 1);
    // Where x is large, the exponential is not finite, and Where takes nothing of it.
    const below = b.op('Exp', [times(b, x, 1 / alpha)]);
    return b.op('Where', [isPositive(b, x), dy, b.op('Mul', [dy, below])]);
  },
  nonNegative: 'preserved',
});

/** y = x where x > α, else 0. */
export const thresholdedRelu = elementwise('ThresholdedRelu', {
  value: (x, site) => (x > site.float('alpha', 1) ? x : 0),
  derivative: (b, { dy, x, site }) =>
    b.op('Where', [b.op('Greater', [x, b.scalar(site.float('alpha', 1))]), dy, b.scalar(0)]),
  nonNegative: 'preserved',
});
