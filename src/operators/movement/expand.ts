import { type Dim, type GraphBuilder, multiplyDims, type Shape } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { broadcast } from '../shapes.ts';
import { axisOf, reshapeLike, sumTo } from '../shaping.ts';
import type { Site } from '../site.ts';
import { numbersOf, one, places, stridesOf, take, walk } from '../value.ts';

/** A tensor repeated to the shape that it and a given one broadcast to. */
export const expand: Operator = {
  op: 'Expand',
  shapes: (site) => [broadcast(site, site.shape(0), site.dimensions(1))],
  role: () => ({ kind: 'movement' }),
  nonNegative: (site, known) => known(site.input(0)),
  gate: (_, factor, input) => input(0, factor),
  evaluate(site, [x, shape]) {
    const target = shape && numbersOf(shape);
    if (!x || !target) return undefined;
    const to = broadcast(site, x.shape, target).map(Number);
    return one(take(x, to, places(x.shape, to)));
  },
  vjp: (b, site, [dy], input) => (dy && input === 0 ? sumTo(b, dy, site.output(), site.shape(0)) : undefined),
};

/** A tensor filled with one value: zeros unless the attribute `value` says otherwise. */
export const constantOfShape: Operator = {
  op: 'ConstantOfShape',
  shapes: (site) => [site.dimensions(0)],
  types: (site) => [fillOf(site)?.type ?? 'float32'],
  role: () => ({ kind: 'index' }),
  evaluate(site, [shape]) {
    const dims = shape && numbersOf(shape);
    if (!dims) return undefined;
    const fill = Number(fillOf(site)?.data[0] ?? 0);
    const count = dims.reduce((product, n) => product * n, 1);
    return [{ shape: dims, data: new Float32Array(count).fill(fill) }];
  },
  vjp: () => undefined,
};

function fillOf(site: Site) {
  const { value } = site.node.attributes;
  return typeof value === 'object' && 'data' in value ? value : undefined;
}

/** A tensor repeated a number of times along each axis. */
export const tile: Operator = {
  op: 'Tile',
  shapes: (site) => [tiledShape(site)],
  role: () => ({ kind: 'movement' }),
  nonNegative: (site, known) => known(site.input(0)),
  evaluate(_, [x, repeats]) {
    const times = repeats && numbersOf(repeats);
    if (!x || !times) return undefined;
    const strides = stridesOf(x.shape);
    const apart = x.shape.flatMap((n, i) => [times[i], n]);
    const steps = strides.flatMap((stride) => [0, stride]);
    return one(
      take(
        x,
        x.shape.map((n, i) => n * times[i]),
        walk(apart, steps, 0),
      ),
    );
  },
  // The repeats of an axis lie one behind the other: they become an axis of their own, which is summed.
  vjp(b, site, [dy], input) {
    if (dy === undefined || input !== 0) return undefined;
    const repeats = site.dimensions(1);
    return site.shape(0).reduceRight<string>((value, _, axis) => {
      if (repeats[axis] === 1) return value;
      return sumRepeats(b, value, site, axis, repeats);
    }, dy);
  },
};

function tiledShape(site: Site): Shape {
  const repeats = site.dimensions(1);
  if (repeats.length !== site.shape(0).length)
    site.fail(`${repeats.length} repeats for ${site.shape(0).length} dimensions`);
  return site.shape(0).map((dim, i) => multiplyDims(dim, repeats[i]));
}

/** The axes after `axis` have their own length already, those before are repeated still. */
function sumRepeats(
  b: GraphBuilder,
  value: string,
  site: Site,
  axis: number,
  repeats: readonly Dim[],
): string {
  const own = site.shape(0);
  const shape = [...tiledShape(site).slice(0, axis), repeats[axis], ...own.slice(axis)];
  const apart = reshapeLike(b, value, shape);
  return b.op('ReduceSum', [apart, b.ints(axisOf(site, axis, shape.length))], { keepdims: 0 });
}
