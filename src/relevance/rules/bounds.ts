import { fail } from '../../common/error.ts';
import {
  float32,
  type Graph,
  type GraphBuilder,
  type Model,
  type Preprocessing,
  type Shape,
  size,
  type Tensor,
  type ValueInfo,
} from '../../graph/index.ts';
import {
  type Inference,
  infer,
  type LinearMap,
  operatorOf,
  Site,
  withWeights,
} from '../../operators/index.ts';
import { inputLayers } from '../canonise/layers.ts';
import type { Bounds, Walk } from '../walk.ts';

/**
 * What a black (0) and a white (255) pixel become in preprocessing: 1×C×1×1, or 1×C×H×W under a mean image, which is
 * cut to the centre of the input's size as the photo is. Errors: a mean that does not fit the input.
 */
export function inputBounds(preprocessing: Preprocessing, input: Shape): Bounds {
  const [channels, height, width] = input.slice(1).map(Number);
  const { mean = Array.from({ length: channels }, () => 0), scale = 1, std } = preprocessing;
  const factor = (c: number) => scale / (std?.[c] ?? 1);
  const at = (level: number): Tensor<'float32'> => {
    if (!('data' in mean)) {
      if (mean.length !== channels)
        fail('preprocessing', `${mean.length} means for an input of ${channels} channels`);
      return float32(
        [1, channels, 1, 1],
        mean.map((m, c) => (level - m) * factor(c)),
      );
    }
    const [planes, rows, columns] = mean.shape;
    if (!(planes === channels && rows >= height && columns >= width))
      fail('preprocessing', `the mean image [${mean.shape}] does not cover the input [${input}]`);
    const [top, left] = [Math.floor((rows - height) / 2), Math.floor((columns - width) / 2)];
    const shape = [1, channels, height, width];
    const data = new Float32Array(size(shape));
    for (let c = 0, i = 0; c < channels; c++) {
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++, i++) {
          data[i] = (level - mean.data[(c * rows + y + top) * columns + x + left]) * factor(c);
        }
      }
    }
    return float32(shape, data);
  };
  return { low: at(0), high: at(255) };
}

/**
 * The lowest or highest that a value can be: the network's input, or what operations that move elements or scale and
 * shift them one by one make of it. Errors: the bounds are not known, or the value is none of these.
 */
export function boundOf(b: GraphBuilder, walk: Walk, value: string, end: keyof Bounds): string {
  const bounds =
    walk.bounds ??
    fail(
      'rule z-box',
      'the bounds of the input are not known',
      'give the model its preprocessing: limn import … --mean',
    );
  const found = sourceOf(walk.graph, walk.known, value);
  switch (found?.kind) {
    case 'input': {
      const fixed = found.input.shape.slice(1).map((dim) => (typeof dim === 'number' ? dim : 1));
      return b.op('Expand', [b.constant(bounds[end]), b.ints(1, ...fixed)]);
    }
    case 'movement': {
      const { op, inputs, attributes } = found.site.node;
      return b.op(op, [boundOf(b, walk, found.site.input(0), end), ...inputs.slice(1)], attributes);
    }
    case 'affine':
      return boundOfAffine(b, walk, found.site, found.map, end);
  }
  return fail(
    'rule z-box',
    `'${value}' is not made of pixels alone`,
    'the box rule is for the layer that sees the input; match it with first: true',
  );
}

/** A negative factor makes the highest of the lowest. */
function boundOfAffine(b: GraphBuilder, walk: Walk, site: Site, given: LinearMap, end: keyof Bounds): string {
  const map = withWeights(b, given);
  const [low, high] = (['low', 'high'] as const).map((e) =>
    map.apply(b, boundOf(b, walk, site.input(map.input), e), map.weight, map.bias),
  );
  return b.op(end === 'low' ? 'Min' : 'Max', [low, high]);
}

/** What makes a value that has bounds: the input, an operation that moves elements, one that scales and shifts them. */
type Source =
  | { readonly kind: 'input'; readonly input: ValueInfo }
  | { readonly kind: 'movement'; readonly site: Site }
  | { readonly kind: 'affine'; readonly site: Site; readonly map: LinearMap };

/** Undefined for a value that anything else makes. */
function sourceOf(graph: Graph, known: Inference, value: string): Source | undefined {
  const input = graph.inputs.find(({ name }) => name === value);
  if (input) return { kind: 'input', input };
  const node = graph.nodes.find(({ outputs }) => outputs[0] === value);
  if (!node) return undefined;
  const site = new Site(node, known);
  const role = operatorOf(node).role(site);
  if (role.kind === 'movement' && node.inputs.slice(1).every((other) => !other || graph.constants.has(other)))
    return { kind: 'movement', site };
  return role.kind === 'linear' && role.map.kind === 'affine'
    ? { kind: 'affine', site, map: role.map }
    : undefined;
}

/** Whether the box rule can be applied: the model says what pixels become, and its first layers see nothing else. */
export function knowsBounds({ graph, info }: Model): boolean {
  if (!info.preprocessing) return false;
  const known = infer(graph);
  const bounded = (value: string): boolean => {
    const found = sourceOf(graph, known, value);
    if (!found || found.kind === 'input') return found !== undefined;
    return bounded(found.site.input(found.kind === 'movement' ? 0 : found.map.input));
  };
  const { first } = inputLayers(graph, known);
  return graph.nodes.every((node) => {
    if (!first.has(node.name)) return true;
    const role = operatorOf(node).role(new Site(node, known));
    return role.kind === 'linear' && bounded(node.inputs[role.map.input]);
  });
}
