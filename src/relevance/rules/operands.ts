import { float32, type GraphBuilder } from '../../graph/index.ts';
import type { LinearMap, Site } from '../../operators/index.ts';
import type { Walk } from '../walk.ts';
import { boundOf } from './bounds.ts';
import type { Bias, InputPart, Product, Term, WeightPart } from './rule.ts';

/**
 * Keeps R/z finite where z is exactly zero: far below anything that a network computes, and yet not so small that
 * large relevance divided by it is infinite.
 */
export const guard = 1e-24;

/** What a term adds to its denominators, which are all of one sign. */
export const guardOf = ({ stabiliser }: Term): number =>
  stabiliser.kind === 'guard' ? stabiliser.sign * guard : 0;

/** The value of a part of one of a node's inputs, broadcastable to its shape; undefined where it is all zero. */
export function inputPart(
  b: GraphBuilder,
  site: Site,
  input: number,
  part: InputPart,
  walk: Walk,
): string | undefined {
  const x = site.input(input);
  const nonNegative = walk.nonNegative.has(x);
  switch (part) {
    case 'all':
      return x;
    case 'positive':
      return nonNegative ? x : b.op('Relu', [x]);
    case 'negative':
      return nonNegative ? undefined : b.op('Min', [x, b.scalar(0)]);
    case 'absolute':
      return nonNegative ? x : b.op('Abs', [x]);
    case 'ones':
      return b.op('Expand', [b.scalar(1), b.ints(1, ...site.dims(input, 1))]);
    default:
      return b.op('Expand', [boundOf(b, walk, x, part), b.ints(1, ...site.dims(input, 1))]);
  }
}

/**
 * The value of changed weights times `factor`; undefined where they are all zero. Written as nodes over the one
 * stored weight: ONNX Runtime computes them once, when the graph is loaded.
 */
export function weightPart(
  b: GraphBuilder,
  map: LinearMap,
  part: WeightPart,
  factor = 1,
): string | undefined {
  const w = map.weight;
  // Fixed weights (average pooling) are positive and equal.
  if (w === undefined) return part === 'negative' ? undefined : w;
  const changed = part === 'all' ? w : part === 'squared' ? b.op('Mul', [w, w]) : signPart(b, w, part);
  return factor === 1 ? changed : b.op('Mul', [changed, b.scalar(factor, rankOf(b, w))]);
}

function signPart(b: GraphBuilder, w: string, part: Exclude<WeightPart, 'all' | 'squared'>): string {
  const scalar = (value: number) => b.scalar(value, rankOf(b, w));
  if (part === 'positive') return b.op('Relu', [w]);
  if (part === 'negative') return b.op('Min', [w, scalar(0)]);
  if (part === 'absolute') return b.op('Abs', [w]);
  if (part === 'ones') return b.op('Add', [b.op('Mul', [w, scalar(0)]), scalar(1)]);
  return b.op('Add', [w, b.op('Mul', [signPart(b, w, part.part), scalar(part.gamma)])]);
}

/** Of stored weights; 0, which fits all, of those that are made on the way. */
const rankOf = (b: GraphBuilder, w: string): number => b.constantOf(w)?.shape.length ?? 0;

/** The value of the bias that joins a denominator, `extra` added to every element; undefined where there is none. */
export function biasPart(
  b: GraphBuilder,
  site: Site,
  map: LinearMap,
  bias: Bias,
  extra = 0,
): string | undefined {
  const value = map.bias;
  if (value === undefined || bias.part === 'none') {
    if (extra === 0) return undefined;
    if (map.kind === 'affine') return b.scalar(extra);
    const outputs = site.output()[map.kind === 'dense' ? site.output().length - 1 : 1] as number;
    return b.table(`fill ${outputs} ${extra}`, () =>
      float32([outputs], new Float32Array(outputs).fill(extra)),
    );
  }
  const own =
    bias.groups === 'first' && map.kind === 'convolution' && map.groups > 1
      ? firstGroup(b, site, map, value)
      : value;
  const part = bias.part === 'all' ? own : signPart(b, own, bias.part);
  return extra === 0 ? part : b.op('Add', [part, b.scalar(extra)]);
}

function firstGroup(b: GraphBuilder, site: Site, map: LinearMap, bias: string): string {
  const outputs = site.output()[1] as number;
  const first = b.op('Slice', [bias, b.ints(0), b.ints(outputs / map.groups)]);
  return b.op('Tile', [first, b.ints(map.groups)]);
}

/** x_p · w_p + bias, with zero padding counting as `padding`; undefined where the product is zero. */
export function multiply(
  b: GraphBuilder,
  site: Site,
  map: LinearMap,
  product: Product,
  bias: string | undefined,
  walk: Walk,
): string | undefined {
  const x = inputPart(b, site, map.input, product.input, walk);
  const zero = x === undefined || (map.weight === undefined && product.weight === 'negative');
  if (zero) return undefined;
  const w = weightPart(b, map, product.weight);
  const z = map.apply(b, x, w, bias);
  if (!product.padding) return z;
  const outside = weightsOutside(b, site, map, product.weight, walk);
  return b.op('Add', [z, b.op('Mul', [outside, b.scalar(product.padding)])]);
}

/** Σ of the changed weights that stand on padding, by output; broadcasts against the output. */
export function weightsOutside(
  b: GraphBuilder,
  site: Site,
  map: LinearMap,
  part: WeightPart,
  walk: Walk,
): string {
  const w = weightPart(b, map, part);
  const inside = map.apply(b, inputPart(b, site, map.input, 'ones', walk)!, w, undefined);
  return b.op('Sub', [map.windowSum(b, w), inside]);
}
