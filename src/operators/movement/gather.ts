import type { Dim, GraphBuilder } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { axisOf, zerosLike } from '../shaping.ts';
import type { Site } from '../site.ts';
import { numbersOf, one, stridesOf, take, walk } from '../value.ts';

/** Slices along an axis, chosen by indices of any shape: data …×D×… and indices I make …×I×…. */
export const gather: Operator = {
  op: 'Gather',
  shapes(site) {
    const [data, axis] = [site.shape(0), gatherAxis(site)];
    checkIndices(site, data[axis]);
    return [[...data.slice(0, axis), ...site.shape(1), ...data.slice(axis + 1)]];
  },
  role: () => ({ kind: 'movement' }),
  nonNegative: (site, known) => known(site.input(0)),
  evaluate(site, [x, indices]) {
    const chosen = indices && numbersOf(indices);
    if (!x || !chosen) return undefined;
    const axis = axisOf(site, site.int('axis', 0), x.shape.length);
    const [outer, inner] = [x.shape.slice(0, axis), x.shape.slice(axis + 1)];
    const strides = stridesOf(x.shape);
    const shape = [...outer, ...indices.shape, ...inner];
    const at = chosen.map((index) => index + (index < 0 ? x.shape[axis] : 0));
    const starts = walk(outer, strides.slice(0, axis), 0);
    const rest = walk(inner, strides.slice(axis + 1), 0);
    const places = Array.from(starts).flatMap((start) =>
      at.flatMap((index) => Array.from(rest, (offset) => start + index * strides[axis] + offset)),
    );
    return one(take(x, shape, places));
  },
  // What was chosen several times adds up.
  vjp(b, site, [dy], input) {
    if (dy === undefined || input !== 0) return undefined;
    const axis = gatherAxis(site);
    const whole = site.constant(1) ? site.constants(1) : site.fail('its indices must be constant');
    const size = site.dim(0, axis);
    const run = runOf(whole, size);
    if (site.shape(1).length === 1 && run) return placed(b, site, dy, axis, run.start, run.count, size);
    if (site.shape(1).length === 0) {
      const one = b.op('Unsqueeze', [dy, b.ints(axis)]);
      return placed(b, site, one, axis, whole[0] + (whole[0] < 0 ? size : 0), 1, size);
    }
    return scattered(b, site, dy, axis);
  },
};

/** The element at each place of `indices` along an axis, which has the rank of the data: y[i][j] = x[indices[i][j]][j]. */
export const gatherElements: Operator = {
  op: 'GatherElements',
  shapes(site) {
    const axis = gatherAxis(site);
    if (site.shape(1).length !== site.shape(0).length)
      site.fail(`indices [${site.shape(1)}] need the rank of the data [${site.shape(0)}]`);
    checkIndices(site, site.shape(0)[axis]);
    return [site.shape(1)];
  },
  role: () => ({ kind: 'movement' }),
  nonNegative: (site, known) => known(site.input(0)),
  evaluate(site, [x, indices]) {
    const chosen = indices && numbersOf(indices);
    if (!x || !chosen) return undefined;
    const axis = axisOf(site, site.int('axis', 0), x.shape.length);
    const strides = stridesOf(x.shape);
    const starts = walk(
      indices.shape,
      strides.map((stride, i) => (i === axis ? 0 : stride)),
      0,
    );
    const places = chosen.map(
      (index, i) => starts[i] + (index + (index < 0 ? x.shape[axis] : 0)) * strides[axis],
    );
    return one(take(x, indices.shape, places));
  },
  vjp(b, site, [dy], input) {
    if (dy === undefined || input !== 0) return undefined;
    return b.op('ScatterElements', [zerosLike(b, site.input(0)), site.input(1), dy], {
      axis: gatherAxis(site),
      reduction: 'add',
    });
  },
};

const gatherAxis = (site: Site): number => axisOf(site, site.int('axis', 0), site.shape(0).length);

function checkIndices(site: Site, length: Dim): void {
  if (!site.constant(1) || typeof length !== 'number') return;
  const outside = site.constants(1).find((index) => index < -length || index >= length);
  if (outside !== undefined) site.fail(`index ${outside} does not exist on an axis of ${length}`);
}

/** Indices that follow each other, as Slice takes them. */
function runOf(indices: readonly number[], size: number): { start: number; count: number } | undefined {
  const start = indices[0] + (indices[0] < 0 ? size : 0);
  const follows = indices.every((index, i) => index + (index < 0 ? size : 0) === start + i);
  return follows ? { start, count: indices.length } : undefined;
}

/** A part of an axis at its place, with zeros around. */
function placed(
  b: GraphBuilder,
  site: Site,
  part: string,
  axis: number,
  start: number,
  count: number,
  size: number,
): string {
  if (start === 0 && count === size) return part;
  const along = (n: number) => site.shape(0).map((_, i) => (i === axis ? n : 0));
  return b.op('Pad', [part, b.ints(...along(start), ...along(size - start - count)), b.scalar(0)]);
}

/** Σ over the indices: the axis is brought to the front, where ScatterND takes whole slices. */
function scattered(b: GraphBuilder, site: Site, dy: string, axis: number): string {
  const rank = site.shape(0).length;
  const indexRank = site.shape(1).length;
  const front = [axis, ...Array.from({ length: rank }, (_, i) => i).filter((i) => i !== axis)];
  const chosen = Array.from({ length: indexRank }, (_, i) => axis + i);
  const others = Array.from({ length: rank + indexRank - 1 }, (_, i) => i).filter((i) => !chosen.includes(i));
  const slices = b.op('Transpose', [dy], { perm: [...chosen, ...others] });
  const data = b.op('Transpose', [zerosLike(b, site.input(0))], { perm: front });
  const indices = b.op('Unsqueeze', [site.input(1), b.ints(indexRank)]);
  const summed = b.op('ScatterND', [data, indices, slices], { reduction: 'add' });
  return b.op('Transpose', [summed], { perm: front.map((_, i) => front.indexOf(i)) });
}
