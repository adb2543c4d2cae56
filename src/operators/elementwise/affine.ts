import { float32, type GraphBuilder } from '../../graph/index.ts';
import type { LinearMap } from '../linear.ts';
import type { Site } from '../site.ts';

interface Affine extends Pick<LinearMap, 'weight' | 'bias' | 'derive'> {
  /** Which of the node's inputs is x. */
  readonly input: number;
  /** Brings a weight or bias into a shape that broadcasts against x; as it is unless given. */
  readonly place?: (b: GraphBuilder, vector: string) => string;
}

/** y = x·w + c, element by element: every channel is a group of its own. */
export function affineMap(
  site: Site,
  { input, weight, bias, derive, place = (_, v) => v }: Affine,
): LinearMap {
  const scaled = (b: GraphBuilder, x: string, w: string | undefined) =>
    w === undefined ? x : b.op('Mul', [x, place(b, w)]);
  return {
    kind: 'affine',
    input,
    weight,
    bias,
    derive,
    groups: site.shape(input).length > 1 ? site.dims(input, 1)[0] : 1,
    fanIn: 1,
    cells: 1,
    apply(b, x, w, c) {
      const y = scaled(b, x, w);
      return c === undefined ? y : b.op('Add', [y, place(b, c)]);
    },
    transpose: scaled,
    windowSum: (b, w) => (w === undefined ? b.scalar(1) : place(b, w)),
    perOutput: place,
    seen: () => float32([], [1]),
    spread: (_, s) => s,
    widen: (_, narrow) => narrow,
  };
}
