import type { Operator } from '../operator.ts';
import { scalarOf } from '../shaping.ts';
import { type Elements, mapNumbers, numbersOf, one } from '../value.ts';

/** y = min(max(x, low), high), either bound optional. The derivative on a bound is 0, as ReLU's; bounds get none. */
export const clip: Operator = {
  op: 'Clip',
  shapes: (site) => [site.shape(0)],
  role: () => ({ kind: 'activation' }),
  nonNegative(site, known) {
    const least = (i: number) => (site.constant(i) ? Math.min(...site.constants(i)) : Number.NaN);
    const highAllows = !site.has(2) || least(2) >= 0;
    return highAllows && ((site.has(1) && least(1) >= 0) || known(site.input(0)));
  },
  evaluate(_, [x, low, high]) {
    const bound = (given: Elements | undefined, otherwise: number) =>
      given ? numbersOf(given)?.[0] : otherwise;
    const [least, most] = [bound(low, Number.NEGATIVE_INFINITY), bound(high, Number.POSITIVE_INFINITY)];
    if (least === undefined || most === undefined) return undefined;
    return one(x && mapNumbers(x, (value) => Math.min(Math.max(value, least), most)));
  },
  // hard-sigmoid as clip(x + 3, 0, 6) / 6; ReLU6 by itself is a signal.
  gate(site, factor) {
    const top = scalarOf(site, 2);
    return top !== undefined && Math.abs(top * factor - 1) < 1e-5;
  },
  // The masks are taken from the output, so that the input need not be kept.
  vjp(b, site, [dy], input) {
    if (dy === undefined || input !== 0) return undefined;
    const [y] = site.node.outputs;
    const above = site.has(1) ? b.op('Where', [b.op('Greater', [y, site.input(1)]), dy, b.scalar(0)]) : dy;
    return site.has(2) ? b.op('Where', [b.op('Less', [y, site.input(2)]), above, b.scalar(0)]) : above;
  },
};
