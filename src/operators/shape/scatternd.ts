import type { Dim } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { numbersOf, stridesOf } from '../value.ts';
import { computing, constantShape } from './computing.ts';

/** A tensor with slices put in place of those that indices name; for constants (masks), computed while a file is read. */
export const scatterND: Operator = computing('ScatterND', {
  shapes: (site) => [constantShape(site)],
  evaluate(site, [x, indices, updates]) {
    const at = indices && numbersOf(indices);
    if (!x || !at || !updates || site.string('reduction', 'none') !== 'none') return undefined;
    const depth = indices.shape.at(-1) ?? 0;
    const strides = stridesOf(x.shape);
    const length = x.shape.slice(depth).reduce((product, n) => product * n, 1);
    const data: Dim[] = Array.from(x.data);
    for (let i = 0; i * depth < at.length; i++) {
      let start = 0;
      for (let axis = 0; axis < depth; axis++) {
        const index = at[i * depth + axis];
        start += (index < 0 ? index + x.shape[axis] : index) * strides[axis];
      }
      for (let j = 0; j < length; j++) data[start + j] = updates.data[i * length + j];
    }
    return [{ shape: x.shape, data }];
  },
});
