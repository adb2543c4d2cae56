import type { Operator } from '../operator.ts';
import { one, take } from '../value.ts';
import { computing } from './computing.ts';
import { namedSlices } from './slices.ts';

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
    const slices = x && indices && namedSlices(site, x, indices);
    if (!slices || site.int('batch_dims', 0) !== 0) return undefined;
    const { starts, length, shape } = slices;
    const places = starts.flatMap((start) => Array.from({ length }, (_, j) => start + j));
    return one(take(x, [...indices.shape.slice(0, -1), ...shape], places));
  },
});
