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

/**
 * How many labels are right, []: Caffe's Accuracy before it divides. A label is right where fewer than `top_k` other
 * classes score as high as its own or higher. Inputs: scores float32 N×K×…, labels int64, as many as the scores
 * without the axis `axis` (1 unless given). Labels that equal `ignore` count nothing. It has no derivative.
 */
export const correct = {
  ...loss({
    op: 'Correct',

    check(site) {
      const axis = axisOf(site, site.int('axis', 1), site.shape(0).length);
      const classes = site.dim(0, axis);
      const top = site.int('top_k', 1);
      if (top < 1 || top > classes)
        site.fail(`top_k ${top} must lie between 1 and ${classes}, the number of classes`);
      checkLabelInput(
        site,
        site.shape(0).map((dim, i) => (i === axis ? 1 : dim)),
      );
    },

    value(b, site) {
      const [x, shape] = [site.input(0), site.shape(0)];
      const axis = axisOf(site, site.int('axis', 1), shape.length);
      const axes = b.ints(axis);
      const positions = shape.map((dim, i) => (i === axis ? 1 : dim));
      const labels = b.op('Cast', [shaped(b, site.input(1), site.shape(1), positions)], toInt);
      const chosen = isClass(b, labels, site.dim(0, axis), axis, shape.length);
      const own = b.op('ReduceSum', [b.op('Where', [chosen, x, b.scalar(0)]), axes], { keepdims: 1 });
      // The label's own class is among those that score as high, hence one more than top_k.
      const rivals = b.op('Cast', [b.op('GreaterOrEqual', [x, own])], toFloat);
      const rank = b.op('ReduceSum', [rivals, axes], { keepdims: 1 });
      const right = b.op('Cast', [b.op('LessOrEqual', [rank, b.scalar(site.int('top_k', 1))])], toFloat);
      return total(b, zeroWhere(b, ignoredOf(b, site, labels), right));
    },

    derivative: () => undefined,
  }),
  role: (site: Site) =>
    site.fail('is a measure: no relevance passes through it', 'explain the scores below it'),
};
