import type { Operator } from '../operator.ts';
import { axisOf, nonNegativeInput } from '../shaping.ts';
import type { Site } from '../site.ts';

/** Tensors one after the other along an axis. */
export const concat: Operator = {
  op: 'Concat',
  shapes(site) {
    const axis = concatAxis(site);
    const first = site.shape(0);
    const parts = site.node.inputs.map((_, i) => site.shape(i));
    for (const part of parts) {
      if (part.length !== first.length || part.some((dim, i) => i !== axis && dim !== first[i])) {
        site.fail(`shapes [${first}] and [${part}] do not join along axis ${axis}`);
      }
    }
    const length = parts.length === 1 ? first[axis] : lengths(site, axis).reduce((sum, n) => sum + n, 0);
    return [first.map((dim, i) => (i === axis ? length : dim))];
  },
  role: () => ({ kind: 'movement' }),
  nonNegative: (site, known) => site.node.inputs.every((_, i) => nonNegativeInput(site, known, i)),
  vjp(b, site, [dy], input) {
    if (dy === undefined || site.node.inputs.length === 1) return dy;
    const axis = concatAxis(site);
    const all = lengths(site, axis);
    const start = all.slice(0, input).reduce((sum, n) => sum + n, 0);
    return b.op('Slice', [dy, b.ints(start), b.ints(start + all[input]), b.ints(axis)]);
  },
};

const concatAxis = (site: Site): number => axisOf(site, site.int('axis'), site.shape(0).length);

const lengths = (site: Site, axis: number): number[] => site.node.inputs.map((_, i) => site.dims(i, axis)[0]);
