import { addDims, type Dim, size } from '../../graph/index.ts';
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
    const length = parts.map((part) => part[axis]).reduce(addDims);
    return [first.map((dim, i) => (i === axis ? length : dim))];
  },
  role: () => ({ kind: 'movement' }),
  sees: (site, spans) => (concatAxis(site) === 1 ? spans : undefined),
  through(site, affine) {
    if (affine.axis === undefined) return site.node.inputs.map(() => affine);
    if (affine.axis !== concatAxis(site)) return undefined;
    let from = 0;
    return site.node.inputs.map((_, i) => {
      const to = from + site.dim(i, concatAxis(site));
      const part = (values: readonly number[]) => (values.length === 1 ? values : values.slice(from, to));
      const own = { ...affine, scale: part(affine.scale), shift: part(affine.shift) };
      from = to;
      return own;
    });
  },
  nonNegative: (site, known) => site.node.inputs.every((_, i) => nonNegativeInput(site, known, i)),
  evaluate(site, inputs) {
    const parts = inputs.filter((part) => part !== undefined);
    if (parts.length < inputs.length) return undefined;
    const [first] = parts;
    const axis = axisOf(site, site.int('axis'), first.shape.length);
    const length = parts.reduce((sum, part) => sum + part.shape[axis], 0);
    const rows = size(first.shape.slice(0, axis));
    const data: Dim[] = [];
    for (let row = 0; row < rows; row++) {
      for (const part of parts) {
        const count = part.data.length / rows;
        for (let i = 0; i < count; i++) data.push(part.data[row * count + i]);
      }
    }
    return [{ shape: first.shape.map((n, i) => (i === axis ? length : n)), data }];
  },
  vjp(b, site, [dy], input) {
    if (dy === undefined || site.node.inputs.length === 1) return dy;
    const axis = concatAxis(site);
    const all = lengths(site, axis);
    const start = all.slice(0, input).reduce((sum, n) => sum + n, 0);
    return b.op('Slice', [dy, b.ints(start), b.ints(start + all[input]), b.ints(axis)]);
  },
};

const concatAxis = (site: Site): number => axisOf(site, site.int('axis'), site.shape(0).length);

const lengths = (site: Site, axis: number): number[] => site.node.inputs.map((_, i) => site.dim(i, axis));
