import { type Dim, divideDims, productOf, subtractDims } from '../../graph/index.ts';
import { giveSize } from '../opensize.ts';
import type { Operator } from '../operator.ts';
import type { Site } from '../site.ts';
import { map, one } from '../value.ts';
import { computing, constantShape } from './computing.ts';

/** The dimensions of a tensor, or those from `start` to `end`. */
export const shape: Operator = computing('Shape', {
  shapes: (site) => [[dimensionsOf(site).length]],
  type: () => 'int64',
  ofShapes: true,
  evaluate: (site) => [{ shape: [dimensionsOf(site).length], data: dimensionsOf(site) }],
});

function dimensionsOf(site: Site): readonly Dim[] {
  return site
    .shape(0)
    .slice(
      site.node.attributes.start === undefined ? 0 : site.int('start'),
      site.node.attributes.end === undefined ? undefined : site.int('end'),
    );
}

/** The number of a tensor's elements. */
export const sizeOperator: Operator = computing('Size', {
  shapes: () => [[]],
  type: () => 'int64',
  ofShapes: true,
  evaluate: (site) => [{ shape: [], data: [productOf(site.shape(0))] }],
});

/** Numbers from a start to a limit (exclusive) in steps. */
export const range: Operator = computing('Range', {
  shapes: (site) => [[countOf(site)]],
  evaluate(_, [start, limit, step]) {
    const count = start && limit && step && steps(start.data[0], limit.data[0], step.data[0]);
    if (count === undefined) return undefined;
    const [from, by] = [Number(start?.data[0]), Number(step?.data[0])];
    return [{ shape: [count], data: Array.from({ length: count }, (_, i) => from + i * by) }];
  },
});

function countOf(site: Site): Dim {
  const [start, limit, step] = [0, 1, 2].map((i) => site.dimensions(i)[0]);
  // As long as a dimension that is not known yet.
  const open = typeof limit === 'string' ? divideDims(subtractDims(limit, start), step) : undefined;
  return open ?? steps(start, limit, step) ?? site.fail('its length is not known', giveSize);
}

/** Larger ranges are no indices of a network's. */
const longest = 2 ** 24;

function steps(start: Dim, limit: Dim, step: Dim): number | undefined {
  if (typeof start !== 'number' || typeof limit !== 'number' || typeof step !== 'number') return undefined;
  const count = Math.max(0, Math.ceil((limit - start) / step));
  return count <= longest ? count : undefined;
}

/** A whole number below each element, above it, or next to it (halves to the even one). */
const rounding = (op: string, round: (x: number) => number): Operator =>
  computing(op, {
    shapes: (site) => [site.shape(0)],
    evaluate: (_, [x]) => one(x && map(x, (value) => (typeof value === 'number' ? round(value) : value))),
  });

export const floor = rounding('Floor', Math.floor);
export const ceil = rounding('Ceil', Math.ceil);
export const round = rounding('Round', (x) => {
  const low = Math.floor(x);
  if (x - low !== 0.5) return Math.round(x);
  return low % 2 === 0 ? low : low + 1;
});

/** The running sum along a constant axis. */
export const cumSum: Operator = computing('CumSum', {
  shapes: (site) => [constantShape(site)],
  evaluate(site, [x, axis]) {
    const at = axis?.data[0];
    if (x?.shape.length !== 1 || at === undefined) return undefined;
    const [exclusive, reverse] = [site.int('exclusive', 0) === 1, site.int('reverse', 0) === 1];
    const order = Array.from(x.data, (_, i) => (reverse ? x.data.length - 1 - i : i));
    const data = new Array<Dim>(x.data.length);
    let total = 0;
    for (const i of order) {
      const value = x.data[i];
      if (typeof value !== 'number') return undefined;
      data[i] = exclusive ? total : total + value;
      total += value;
    }
    return [{ shape: x.shape, data }];
  },
});
