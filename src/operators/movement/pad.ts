import type { GraphBuilder } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { axisOf } from '../shaping.ts';
import type { Site } from '../site.ts';
import { type Elements, stridesOf, walk } from '../value.ts';

/** Cells added at (or, negative, cut from) the ends of axes: constant, the reflected inside, or the repeated edge. */
export const pad: Operator = {
  op: 'Pad',
  shapes(site) {
    const shape = [...site.shape(0)];
    for (const { axis, before, after, size } of padding(site)) shape[axis] = size + before + after;
    return [shape];
  },
  role: () => ({ kind: 'movement', pads: true }),
  // What is reflected inside comes from elsewhere.
  sees(site, spans, input) {
    if (input !== 0 || modeOf(site) !== 'constant') return undefined;
    const all = padding(site);
    return spans.map(({ first, last }, i) => {
      const { before = 0, size = site.dim(0, i + 2) } = all.find(({ axis }) => axis === i + 2) ?? {};
      return { first: Math.max(0, first - before), last: Math.min(size - 1, last - before) };
    });
  },
  nonNegative: (site, known) =>
    known(site.input(0)) &&
    (!site.has(2) || (site.constant(2) !== undefined && site.constants(2).every((v) => v >= 0))),
  evaluate(site, [x]) {
    const fill = site.has(2) ? site.constants(2)[0] : 0;
    return (
      x &&
      padding(site).reduce<readonly Elements[]>(([value], p) => [padded(value, p, modeOf(site), fill)], [x])
    );
  },
  vjp(b, site, [dy], input) {
    if (dy === undefined || input !== 0) return undefined;
    const mode = modeOf(site);
    return padding(site).reduce(
      (value, p) => (mode === 'constant' ? cut(b, site, value, p) : fold(b, site, value, p)),
      dy,
    );
  },
};

interface Padding {
  readonly axis: number;
  readonly before: number;
  readonly after: number;
  /** The axis' length before padding. */
  readonly size: number;
}

function modeOf(site: Site): string {
  const mode = site.string('mode', 'constant');
  if (!['constant', 'reflect', 'edge'].includes(mode)) site.fail(`mode '${mode}' is not supported`);
  return mode;
}

function padding(site: Site): Padding[] {
  const rank = site.shape(0).length;
  const axes = site.has(3)
    ? site.constants(3).map((axis) => axisOf(site, axis, rank))
    : site.shape(0).map((_, i) => i);
  const pads = site.constants(1);
  if (pads.length !== 2 * axes.length) site.fail(`${pads.length} pads for ${axes.length} axes`);
  const inside = modeOf(site) !== 'constant';
  return axes.flatMap((axis, i) => {
    const [before, after] = [pads[i], pads[i + axes.length]];
    if (before === 0 && after === 0) return [];
    if (inside && Math.min(before, after) < 0) site.fail('negative pads are supported in constant mode only');
    return [{ axis, before, after, size: site.dim(0, axis) }];
  });
}

function between(b: GraphBuilder, value: string, axis: number, start: number, end: number): string {
  return b.op('Slice', [value, b.ints(start), b.ints(end), b.ints(axis)]);
}

/** Zeros at both ends of an axis. */
function zeros(
  b: GraphBuilder,
  site: Site,
  value: string,
  axis: number,
  before: number,
  after: number,
): string {
  if (before === 0 && after === 0) return value;
  const along = (n: number) => site.shape(0).map((_, i) => (i === axis ? n : 0));
  return b.op('Pad', [value, b.ints(...along(before), ...along(after)), b.scalar(0)]);
}

/** What falls on constant padding is lost; what was cut away gets zero. */
function cut(b: GraphBuilder, site: Site, value: string, { axis, before, after, size }: Padding): string {
  const kept = size + Math.min(before, 0) + Math.min(after, 0);
  const start = Math.max(before, 0);
  const inside = between(b, value, axis, start, start + kept);
  return zeros(b, site, inside, axis, Math.max(-before, 0), Math.max(-after, 0));
}

/** What falls on padding goes to the cells that were repeated there. */
function fold(b: GraphBuilder, site: Site, value: string, { axis, before, after, size }: Padding): string {
  const edge = modeOf(site) === 'edge';
  const gather = (start: number, end: number) => {
    const part = between(b, value, axis, start, end);
    if (edge) return b.op('ReduceSum', [part, b.ints(axis)], { keepdims: 1 });
    return b.op('Slice', [part, b.ints(-1), b.ints(Number.MIN_SAFE_INTEGER), b.ints(axis), b.ints(-1)]);
  };
  const parts = [between(b, value, axis, before, before + size)];
  if (before > 0) {
    const [from, length] = edge ? [0, 1] : [1, before];
    parts.push(zeros(b, site, gather(0, before), axis, from, size - from - length));
  }
  if (after > 0) {
    const [from, length] = edge ? [size - 1, 1] : [size - 1 - after, after];
    parts.push(
      zeros(b, site, gather(before + size, before + size + after), axis, from, size - from - length),
    );
  }
  return parts.reduce((total, part) => b.op('Add', [total, part]));
}

/** Known elements with an axis padded. */
function padded(
  value: Elements,
  { axis, before, after, size }: Padding,
  mode: string,
  fill: number,
): Elements {
  const strides = stridesOf(value.shape);
  const shape = value.shape.map((n, i) => (i === axis ? n + before + after : n));
  const along = walk(
    shape,
    shape.map((_, i) => Number(i === axis)),
    -before,
  );
  const others = walk(
    shape,
    strides.map((stride, i) => (i === axis ? 0 : stride)),
    0,
  );
  const data = Array.from(along, (at, i) => {
    const inside = at >= 0 && at < size;
    if (!inside && mode === 'constant') return fill;
    const reflected = mode === 'reflect' ? (at < 0 ? -at : 2 * (size - 1) - at) : at;
    const from = inside ? at : Math.min(Math.max(reflected, 0), size - 1);
    return value.data[others[i] + from * strides[axis]];
  });
  return { shape, data };
}
