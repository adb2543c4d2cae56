import type { Operator } from '../operator.ts';
import { broadcast } from '../shapes.ts';

/**
 * y = x where (x − threshold)·sign > 0, else the threshold, which broadcasts to x, as the sign does: what max(s·x + t, 0) is
 * before its scale and shift, with the threshold −t/s and the sign of s. Of limn's own domain.
 */
export const rectify: Operator = {
  op: 'Rectify',
  shapes: (site) => [broadcast(site, site.shape(0), site.shape(1))],
  role: () => ({ kind: 'activation' }),
  lower(b, site) {
    const [x, threshold, sign] = [0, 1, 2].map((i) => site.input(i));
    const [above, below] = [b.op('Max', [x, threshold]), b.op('Min', [x, threshold])];
    return site.constants(2).every((s) => s > 0)
      ? above
      : b.op('Where', [b.op('Greater', [sign, b.scalar(0)]), above, below]);
  },
  vjp(b, site, [dy], input) {
    if (dy === undefined || input !== 0) return undefined;
    const [x, threshold, sign] = [0, 1, 2].map((i) => site.input(i));
    const isActive = b.op('Greater', [b.op('Mul', [b.op('Sub', [x, threshold]), sign]), b.scalar(0)]);
    return b.op('Where', [isActive, dy, b.scalar(0)]);
  },
};
