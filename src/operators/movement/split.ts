import type { Operator } from '../operator.ts';
import { axisOf, zerosLike } from '../shaping.ts';
import type { Site } from '../site.ts';
import { stridesOf, take, walk } from '../value.ts';

/** A tensor cut into parts along an axis: of the given sizes, or `num_outputs` equal ones of which the last may be smaller. */
export const split: Operator = {
  op: 'Split',
  shapes(site) {
    const shape = site.shape(0);
    const axis = splitAxis(site);
    return sizes(site).map((part) => shape.map((dim, i) => (i === axis ? part : dim)));
  },
  role: () => ({ kind: 'movement' }),
  nonNegative: (site, known) => known(site.input(0)),
  evaluate(site, [x]) {
    if (!x) return undefined;
    const axis = splitAxis(site);
    const strides = stridesOf(x.shape);
    let start = 0;
    return sizes(site).map((part) => {
      const shape = x.shape.map((n, i) => (i === axis ? part : n));
      const taken = take(x, shape, walk(shape, strides, start));
      start += part * strides[axis];
      return taken;
    });
  },
  vjp(b, site, cotangents, input) {
    if (input !== 0 || cotangents.every((dy) => dy === undefined)) return undefined;
    const parts = site.node.outputs.map((output, i) => cotangents[i] ?? zerosLike(b, output));
    return b.op('Concat', parts, { axis: splitAxis(site) });
  },
};

const splitAxis = (site: Site): number => axisOf(site, site.int('axis', 0), site.shape(0).length);

function sizes(site: Site): number[] {
  const length = site.dim(0, splitAxis(site));
  const count = site.node.outputs.length;
  if (site.has(1)) {
    const given = site.constants(1);
    const total = given.reduce((sum, n) => sum + n, 0);
    if (total !== length || given.length !== count) {
      site.fail(`parts of ${given.join(' + ')} do not make ${count} outputs of an axis of ${length}`);
    }
    return given;
  }
  const part = Math.ceil(length / count);
  if (part * (count - 1) >= length) site.fail(`an axis of ${length} cannot be cut into ${count} parts`);
  return Array.from({ length: count }, (_, i) => Math.min(part, length - i * part));
}
