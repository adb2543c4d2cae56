import type { GraphBuilder } from '../graph/index.ts';
import type { Operator } from './operator.ts';
import { pads, type Window, windows } from './shapes.ts';
import type { Site } from './site.ts';

/** Max pooling; the winner of a window is the first maximum in row-major order, as Caffe's. */
export const maxPool: Operator = {
  op: 'MaxPool',

  shapes(site) {
    if (site.node.outputs.length > 1) site.fail('the Indices output is not supported');
    return [[...site.shape(0).slice(0, 2), ...axesOf(site).map((w) => w.output)]];
  },

  role: () => ({ kind: 'max' }),
  nonNegative: (site, known) => known(site.input(0)),

  vjp(b, site, [dy]) {
    if (dy === undefined) return undefined;
    const axes = axesOf(site);
    if (axes.some((w) => w.dilation > 1)) return scatterToWinners(b, site, axes, dy);
    return giveToWinners(b, site, axes, dy);
  },
};

const axesOf = (site: Site): Window[] => windows(site, site.ints('kernel_shape'));

/** Less than anything that a network computes. */
const lowest = -3.4e38;

/**
 * Gives each output's share to its winner, one axis at a time: a maximum over rows of maxima over columns. That the
 * first winning row and, in it, the first winning column is the first in row-major order makes this exact; it takes
 * Σ k steps instead of Π k, and no indices, whose kernel is slow on CPUs and missing on WebGPU.
 */
function giveToWinners(b: GraphBuilder, site: Site, axes: readonly Window[], dy: string): string {
  const stages = [site.input(0)];
  for (let axis = axes.length - 1; axis > 0; axis--) {
    const only = axes.map((w, i) => (i === axis ? w : { ...w, kernel: 1, stride: 1, before: 0, after: 0 }));
    stages.push(
      b.op('MaxPool', [stages.at(-1)!], {
        kernel_shape: only.map((w) => w.kernel),
        strides: only.map((w) => w.stride),
        pads: pads(only),
      }),
    );
  }
  let share = dy;
  let winner = site.node.outputs[0];
  axes.forEach((window, axis) => {
    const stage = stages.pop()!;
    const sizes = axes.map((w, i) => (i <= axis ? w.input : w.output));
    share = giveAlong(b, { window, axis: axis + 2, shape: [0, site.dims(0, 1)[0], ...sizes] }, stage, winner, share);
    winner = stage;
  });
  return share;
}

/** One axis of {@link giveToWinners}: `values` (of `shape`) were pooled to `maxima` along `axis`. */
function giveAlong(
  b: GraphBuilder,
  { window: w, axis, shape }: { window: Window; axis: number; shape: readonly number[] },
  values: string,
  maxima: string,
  dy: string,
): string {
  const { kernel, stride, before, input, output } = w;
  const steps = Math.max(Math.ceil((before + input) / stride), output - 1 + Math.ceil(kernel / stride));
  const rank = shape.length;
  const along = (n: number) => Array.from({ length: rank }, (_, i) => (i === axis ? n : 0));
  const padAxis = (value: string, start: number, end: number, fill: number) =>
    start === 0 && end === 0 ? value : b.op('Pad', [value, b.ints(...along(start), ...along(end)), b.scalar(fill)]);
  const split = stride > 1;
  // With a stride the axis is folded into (step, phase), so that a window's cells lie side by side.
  const folded = (value: string) =>
    split ? b.op('Reshape', [value, b.ints(...shape.slice(0, axis), steps, stride, ...shape.slice(axis + 1))]) : value;
  const apart = (value: string) => (split ? b.op('Unsqueeze', [value, b.ints(axis + 1)]) : value);

  const cells = folded(padAxis(values, before, steps * stride - before - input, lowest));
  const maximum = apart(maxima);
  let rest = apart(dy);
  const phases: (string | undefined)[] = Array.from({ length: stride });
  for (let k = 0; k < kernel; k++) {
    const [step, phase] = [Math.floor(k / stride), k % stride];
    let share = rest;
    if (k < kernel - 1) {
      const [from, to, on] = split ? [[step, phase], [step + output, phase + 1], [axis, axis + 1]] : [[step], [step + output], [axis]];
      const wins = b.op('Equal', [b.op('Slice', [cells, b.ints(...from), b.ints(...to), b.ints(...on)]), maximum]);
      share = b.op('Where', [wins, rest, b.scalar(0)]);
      rest = b.op('Sub', [rest, share]);
    }
    const pad = (n: number) => Array.from({ length: split ? rank + 1 : rank }, (_, i) => (i === axis ? n : 0));
    const [start, end] = [step, steps - output - step];
    const placed =
      start === 0 && end === 0 ? share : b.op('Pad', [share, b.ints(...pad(start), ...pad(end)), b.scalar(0)]);
    const other = phases[phase];
    phases[phase] = other === undefined ? placed : b.op('Add', [other, placed]);
  }
  const present = phases.map((p) => p ?? b.op('Mul', [phases[0]!, b.scalar(0)]));
  const whole = split
    ? b.op('Reshape', [
        b.op('Concat', present, { axis: axis + 1 }),
        b.ints(...shape.slice(0, axis), steps * stride, ...shape.slice(axis + 1)),
      ])
    : present[0];
  if (before === 0 && input === steps * stride) return whole;
  return b.op('Slice', [whole, b.ints(before), b.ints(before + input), b.ints(axis)]);
}

/** By ONNX Runtime's own indices: any dilation, on CPU providers only. */
function scatterToWinners(b: GraphBuilder, site: Site, axes: readonly Window[], dy: string): string {
  const channels = site.dims(0, 1)[0];
  const sizes = axes.map((w) => w.input);
  const [, indices] = b.ops('MaxPool', [site.input(0)], 2, site.node.attributes);
  const area = sizes.reduce((p, n) => p * n, 1);
  const outputs = axes.reduce((p, w) => p * w.output, 1);
  // ONNX counts through the whole batch: taken modulo the area of one channel.
  const flat = b.op('Reshape', [b.op('Mod', [indices, b.ints(area)]), b.ints(0, channels, outputs)]);
  const zero = b.op('Mul', [b.op('Reshape', [site.input(0), b.ints(0, channels, area)]), b.scalar(0)]);
  const share = b.op('Reshape', [dy, b.ints(0, channels, outputs)]);
  const given = b.op('ScatterElements', [zero, flat, share], { axis: 2, reduction: 'add' });
  return b.op('Reshape', [given, b.ints(0, channels, ...sizes)]);
}
