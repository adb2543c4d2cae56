import type { Dim } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { computing, constantShape } from './computing.ts';
import { namedSlices } from './slices.ts';

/** A tensor with slices put in place of those that indices name; for constants (masks), computed while a file is read. */
export const scatterND: Operator = computing('ScatterND', {
  shapes: (site) => [constantShape(site)],
  evaluate(site, [x, indices, updates]) {
    const slices = x && indices && namedSlices(site, x, indices);
    if (!slices || !updates || site.string('reduction', 'none') !== 'none') return undefined;
    const { starts, length } = slices;
    const data: Dim[] = Array.from(x.data);
    starts.forEach((start, i) => {
      for (let j = 0; j < length; j++) data[start + j] = updates.data[i * length + j];
    });
    return [{ shape: x.shape, data }];
  },
});
