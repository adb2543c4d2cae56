import { float32, type GraphBuilder } from '../../graph/index.ts';
import { type ChannelAffine, channelAxis } from '../fold.ts';
import type { LinearMap } from '../linear.ts';
import { sameShape } from '../shaping.ts';
import type { Site } from '../site.ts';

interface AffineMap extends Pick<LinearMap, 'weight' | 'bias' | 'derive'> {
  /** Which of the node's inputs is x. */
  readonly input: number;
  /** Brings a weight or bias into a shape that broadcasts against x; as it is unless given. */
  readonly place?: (b: GraphBuilder, vector: string) => string;
}

/** y = x·w + c, element by element: every channel is a group of its own. */
export function affineMap(
  site: Site,
  { input, weight, bias, derive, place = (_, v) => v }: AffineMap,
): LinearMap {
  const scaled = (b: GraphBuilder, x: string, w: string | undefined) =>
    w === undefined ? x : b.op('Mul', [x, place(b, w)]);
  return {
    kind: 'affine',
    input,
    weight,
    bias,
    derive,
    groups: site.shape(input).length > 1 ? site.dim(input, 1) : 1,
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

/** The scale and shift of an operation on one input and a constant, where the constant differs along one axis at most. */
export function affineOf(
  site: Site,
  make: (input: number, c: readonly number[]) => Pick<ChannelAffine, 'scale' | 'shift'> | undefined,
): ChannelAffine | undefined {
  const input = [0, 1].find((i) => isAgainstConstant(site, i));
  if (input === undefined) return undefined;
  const axis = channelAxis(site.shape(1 - input), site.shape(input).length);
  const made = axis === 'several' ? undefined : make(input, site.constants(1 - input));
  return made && axis !== 'several' ? { input, axis, ...made } : undefined;
}

/** Whether the i-th of two inputs, in the output's shape, meets a constant. */
export const isAgainstConstant = (site: Site, i: number): boolean =>
  !site.constant(i) && site.constant(1 - i) !== undefined && sameShape(site.shape(i), site.output());

export const onesFor = (c: readonly number[]): number[] => c.map(() => 1);
export const zerosFor = (c: readonly number[]): number[] => c.map(() => 0);
