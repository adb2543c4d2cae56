import { checkPair, loss, secondLikeFirst, shaped, total } from './loss.ts';

/**
 * ½ Σ (a − b)²: Caffe's EuclideanLoss before it divides by the batch. Inputs: a float32, b float32 or int64 (then
 * without a derivative), as many elements.
 */
export const euclideanLoss = loss({
  op: 'EuclideanLoss',
  check: checkPair,

  value(b, site) {
    const apart = b.op('Sub', [site.input(0), secondLikeFirst(b, site)]);
    return b.op('Mul', [total(b, b.op('Mul', [apart, apart])), b.scalar(0.5)]);
  },

  derivative(b, site, input) {
    if (site.type(input) !== 'float32') return undefined;
    const apart = b.op('Sub', [site.input(0), secondLikeFirst(b, site)]);
    return input === 0 ? apart : shaped(b, b.op('Neg', [apart]), site.shape(0), site.shape(1));
  },
});
