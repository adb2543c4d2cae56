import type { GraphBuilder, Shape } from '../../graph/index.ts';
import { axisOf } from '../shaping.ts';
import type { Site } from '../site.ts';
import {
  checkLabelInput,
  ignoredOf,
  isClass,
  loss,
  shaped,
  toFloat,
  toInt,
  total,
  zeroWhere,
} from './loss.ts';

/** −log FLT_MIN: Caffe takes no probability for less than the smallest normal float32. */
export const mostSoftmaxLoss = -Math.log(2 ** -126);

/**
 * Σ −log max(p, FLT_MIN) over all labels, where p is the softmax probability of the label along `axis` (1 unless
 * given): Caffe's SoftmaxWithLoss before normalisation. Inputs: scores float32 N×K×…, labels int64, as many as the
 * scores without that axis, from 0 to K − 1 (others are the caller's mistake and choose no class). Labels that equal
 * `ignore` count nothing. The derivative is p − [class is the label], as Caffe's also where the maximum holds FLT_MIN.
 */
export const softmaxLoss = loss({
  op: 'SoftmaxLoss',

  check(site) {
    classesOf(site);
    checkLabelInput(site, positions(site));
  },

  value(b, site) {
    const { axes, shifted, sum, chosen, ignored } = partsOf(b, site);
    const none = b.scalar(0);
    const own = b.op('ReduceSum', [b.op('Where', [chosen, shifted, none]), axes], { keepdims: 1 });
    const each = b.op('Sub', [b.op('Log', [sum]), own]);
    // Not a minimum, which may lose a NaN.
    const most = b.scalar(mostSoftmaxLoss);
    const clamped = b.op('Where', [b.op('Greater', [each, most]), most, each]);
    return total(b, zeroWhere(b, ignored, clamped));
  },

  derivative(b, site, input) {
    if (input !== 0) return undefined;
    const { powers, sum, chosen, ignored } = partsOf(b, site);
    const p = b.op('Div', [powers, sum]);
    return zeroWhere(b, ignored, b.op('Sub', [p, b.op('Cast', [chosen], toFloat)]));
  },
});

/** Errors: a number of classes that is not known. */
function classesOf(site: Site): number {
  const classes = site.shape(0)[axisIn(site)];
  return typeof classes === 'number'
    ? classes
    : site.fail(`the number of classes in '${site.input(0)}' is not fixed ('${classes}')`);
}

const axisIn = (site: Site): number => axisOf(site, site.int('axis', 1), site.shape(0).length);

/** The shape of the scores with 1 class. */
const positions = (site: Site): Shape => site.shape(0).map((dim, i) => (i === axisIn(site) ? 1 : dim));

/** What value and derivative share: scores less their maximum, their exponentials and the sums of these. */
function partsOf(b: GraphBuilder, site: Site) {
  const [x, shape, axis] = [site.input(0), site.shape(0), axisIn(site)];
  const axes = b.ints(axis);
  const shifted = b.op('Sub', [x, b.op('ReduceMax', [x, axes], { keepdims: 1 })]);
  const powers = b.op('Exp', [shifted]);
  const sum = b.op('ReduceSum', [powers, axes], { keepdims: 1 });
  const labels = b.op('Cast', [shaped(b, site.input(1), site.shape(1), positions(site))], toInt);
  const chosen = isClass(b, labels, classesOf(site), axis, shape.length);
  return { axes, shifted, powers, sum, chosen, ignored: ignoredOf(b, site, labels) };
}
