import type { GraphBuilder, Shape } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { axisOf, reshapeLike } from '../shaping.ts';
import type { Site } from '../site.ts';
import { one, stridesOf, take, walk } from '../value.ts';

/** Parts of a tensor: along each given axis from start (inclusive) to end (exclusive) in steps, negative ones backwards. */
export const slice: Operator = {
  op: 'Slice',
  shapes(site) {
    const shape = [...site.shape(0)];
    for (const { axis, count } of cuts(site)) shape[axis] = count;
    return [shape];
  },
  role: () => ({ kind: 'movement' }),
  nonNegative: (site, known) => known(site.input(0)),
  evaluate(site, [x]) {
    if (!x) return undefined;
    const strides = stridesOf(x.shape);
    const shape = [...x.shape];
    const steps = [...strides];
    let from = 0;
    for (const { axis, start, step, count } of cuts(site)) {
      shape[axis] = count;
      steps[axis] = strides[axis] * step;
      from += start * strides[axis];
    }
    return one(take(x, shape, walk(shape, steps, from)));
  },
  vjp(b, site, [dy], input) {
    if (dy === undefined || input !== 0) return undefined;
    let value = dy;
    const shape = [...site.output()];
    for (const cut of cuts(site)) value = putBack(b, value, shape, cut);
    return value;
  },
};

/** What is taken along an axis: `count` elements from `start` on, `step` apart, of `size`. */
interface Cut {
  readonly axis: number;
  readonly start: number;
  readonly step: number;
  readonly count: number;
  readonly size: number;
}

function cuts(site: Site): Cut[] {
  const rank = site.shape(0).length;
  const [starts, ends] = [site.constants(1), site.constants(2)];
  const axes = site.has(3) ? site.constants(3) : starts.map((_, i) => i);
  const steps = site.has(4) ? site.constants(4) : starts.map(() => 1);
  if ([ends, axes, steps].some((list) => list.length !== starts.length)) {
    site.fail('starts, ends, axes and steps must have the same length');
  }
  return axes.flatMap((given, i) => {
    const axis = axisOf(site, given, rank);
    const step = steps[i];
    if (step === 0) site.fail('a step of 0');
    const whole = starts[i] === 0 && step === 1 && ends[i] > 2 ** 31 - 2;
    if (whole) return [];
    const size = site.dim(0, axis);
    const place = (at: number, low: number, high: number) =>
      Math.min(Math.max(at < 0 ? at + size : at, low), high);
    const [start, end] =
      step > 0
        ? [place(starts[i], 0, size), place(ends[i], 0, size)]
        : [place(starts[i], 0, size - 1), place(ends[i], -1, size - 1)];
    return [{ axis, start, step, count: Math.max(0, Math.ceil((end - start) / step)), size }];
  });
}

/** Puts a cut's elements where they came from along its axis, zeros elsewhere; `shape` follows. */
function putBack(
  b: GraphBuilder,
  value: string,
  shape: Shape[number][],
  { axis, start, step, count, size }: Cut,
): string {
  const stride = Math.abs(step);
  const first = step > 0 ? start : start + (count - 1) * step;
  const all = (n: number) => shape.map((_, i) => (i === axis ? n : 0));
  let moved =
    step > 0
      ? value
      : b.op('Slice', [value, b.ints(-1), b.ints(Number.MIN_SAFE_INTEGER), b.ints(axis), b.ints(-1)]);
  let length = count;
  if (stride > 1) {
    // Every element gets stride − 1 zeros behind it.
    const apart = b.op('Unsqueeze', [moved, b.ints(axis + 1)]);
    const before = Array.from({ length: shape.length + 1 }, () => 0);
    const after = before.map((_, i) => (i === axis + 1 ? stride - 1 : 0));
    const spaced = b.op('Pad', [apart, b.ints(...before, ...after), b.scalar(0)]);
    length = count * stride;
    moved = reshapeLike(
      b,
      spaced,
      shape.map((dim, i) => (i === axis ? length : dim)),
    );
    if (first + length > size) {
      length = size - first;
      moved = b.op('Slice', [moved, b.ints(0), b.ints(length), b.ints(axis)]);
    }
  }
  shape[axis] = size;
  if (first === 0 && length === size) return moved;
  return b.op('Pad', [moved, b.ints(...all(first), ...all(size - first - length)), b.scalar(0)]);
}
