import { multiplyDims } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { map, one } from '../value.ts';
import { affineMap } from './affine.ts';

/** y = −x. */
export const neg: Operator = {
  op: 'Neg',
  shapes: (site) => [site.shape(0)],
  role: (site) => ({
    kind: 'linear',
    map: affineMap(site, { input: 0, derive: (b) => ({ weight: b.scalar(-1) }) }),
  }),
  evaluate: (_, [x]) => one(x && map(x, (value) => multiplyDims(value, -1))),
  vjp: (b, _, [dy]) => dy && b.op('Neg', [dy]),
};
