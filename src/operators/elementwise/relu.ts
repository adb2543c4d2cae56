import type { Operator } from '../operator.ts';
import { mapNumbers, one } from '../value.ts';

/** y = max(x, 0). Its derivative at 0 is 0, as Caffe's. */
export const relu: Operator = {
  op: 'Relu',
  shapes: (site) => [site.shape(0)],
  role: () => ({ kind: 'activation' }),
  rectifies: true,
  nonNegative: () => true,
  evaluate: (_, [x]) => one(x && mapNumbers(x, (value) => Math.max(value, 0))),

  // The mask is taken from the output, so that the input need not be kept and Conv + Relu can be fused. Where(…, dy, 0) takes
  // half as long again as a product.
  vjp(b, site, [dy]) {
    const mask = b.op('Cast', [b.op('Greater', [site.node.outputs[0], b.scalar(0)])], { to: 1 });
    return dy && b.op('Mul', [dy, mask]);
  },
};
