import type { Operator } from '../operator.ts';
import { numbersOf, one, stridesOf, take } from '../value.ts';
import { computing } from './computing.ts';

/** The slices of a tensor that indices name; for constants (tables of relative positions), computed while a file is read. */
export const gatherND: Operator = computing('GatherND', {
  shapes(site) {
    if (!site.constant(0)) site.fail('is supported on constants only');
    const [data, indices] = [site.shape(0), site.shape(1)];
    const depth = indices.at(-1);
    if (typeof depth !== 'number') return site.fail('the number of its indices is not known');
    return [[...indices.slice(0, -1), ...data.slice(depth)]];
  },
  evaluate(site, [x, indices]) {
    const at = indices && numbersOf(indices);
    if (!x || !at || site.int('batch_dims', 0) !== 0) return undefined;
    const depth = indices.shape.at(-1) ?? 0;
    const strides = stridesOf(x.shape);
    const slice = x.shape.slice(depth);
    const length = slice.reduce((product, n) => product * n, 1);
    const places: number[] = [];
    for (let i = 0; i * depth < at.length; i++) {
      let start = 0;
      for (let axis = 0; axis < depth; axis++) {
        const index = at[i * depth + axis];
        start += (index < 0 ? index + x.shape[axis] : index) * strides[axis];
      }
      for (let j = 0; j < length; j++) places.push(start + j);
    }
    return one(take(x, [...indices.shape.slice(0, -1), ...slice], places));
  },
});
