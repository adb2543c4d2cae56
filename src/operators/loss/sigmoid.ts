import { checkPair, ignoredOf, loss, secondLikeFirst, toInt, total, zeroWhere } from './loss.ts';

/**
 * Σ −(t·log σ(x) + (1 − t)·log(1 − σ(x))): Caffe's SigmoidCrossEntropyLoss before normalisation, computed as
 * max(x, 0) − x·t + log(1 + e^−|x|). Inputs: scores x float32, targets t float32 or int64, as many. Targets whose whole
 * part is `ignore` count nothing, as Caffe cuts them off before it compares. The derivative by x is σ(x) − t.
 */
export const sigmoidLoss = loss({
  op: 'SigmoidLoss',
  check: checkPair,

  value(b, site) {
    const [x, t] = [site.input(0), secondLikeFirst(b, site)];
    const tail = b.op('Exp', [b.op('Neg', [b.op('Abs', [x])])]);
    const each = b.op('Add', [
      b.op('Sub', [b.op('Relu', [x]), b.op('Mul', [x, t])]),
      b.op('Log', [b.op('Add', [tail, b.scalar(1)])]),
    ]);
    return total(b, zeroWhere(b, ignoredOf(b, site, b.op('Cast', [t], toInt)), each));
  },

  derivative(b, site, input) {
    if (input !== 0) return undefined;
    const t = secondLikeFirst(b, site);
    const slope = b.op('Sub', [b.op('Sigmoid', [site.input(0)]), t]);
    return zeroWhere(b, ignoredOf(b, site, b.op('Cast', [t], toInt)), slope);
  },
});
