import type { Operator } from '../operator.ts';
import { broadcast } from '../shapes.ts';
import { sameShape, sumTo } from '../shaping.ts';

/** y = x where x > 0, else slope·x; the slope broadcasts to x (a slope per channel is C×1×1). */
export const prelu: Operator = {
  op: 'PRelu',
  shapes(site) {
    const shape = site.shape(0);
    if (!sameShape(broadcast(site, shape, site.shape(1)), shape)) {
      site.fail(`slopes [${site.shape(1)}] do not broadcast to the input [${shape}]`);
    }
    return [shape];
  },
  role: () => ({ kind: 'activation' }),
  nonNegative: (site, known) => known(site.input(0)),
  vjp(b, site, [dy], input) {
    if (dy === undefined) return undefined;
    const [x, slope] = [site.input(0), site.input(1)];
    const isPositive = b.op('Greater', [x, b.scalar(0)]);
    if (input === 0) return b.op('Where', [isPositive, dy, b.op('Mul', [dy, slope])]);
    const perElement = b.op('Where', [isPositive, b.scalar(0), b.op('Mul', [dy, x])]);
    return sumTo(b, perElement, site.output(), site.shape(1));
  },
};
