import type { GraphBuilder } from '../../graph/index.ts';
import { keepsOrder } from '../fold.ts';
import type { Operator } from '../operator.ts';
import { type KernelWindow, pads, seenThroughWindows, windows } from '../shapes.ts';
import type { Site } from '../site.ts';
import { competitionInWindows } from './competition.ts';
import { cellAlong, lowest, padAlong, placedAlong } from './shift.ts';

/** Max pooling; the winner of a window is the first maximum in row-major order, as Caffe's. */
export const maxPool: Operator = {
  op: 'MaxPool',

  shapes(site) {
    if (site.node.outputs.length > 1) site.fail('the Indices output is not supported');
    return [[...site.shape(0).slice(0, 2), ...axesOf(site).map((w) => w.output)]];
  },

  role: () => ({ kind: 'max' }),
  roundsWindows: true,
  sees: (site, spans) => seenThroughWindows(axesOf(site), spans),
  average(b, site) {
    const axes = axesOf(site);
    if (axes.some((w) => w.dilation > 1))
      site.fail('dilated windows cannot be shared in proportion', 'choose winner');
    return b.op('AveragePool', [site.input(0)], {
      kernel_shape: axes.map((w) => w.kernel),
      strides: axes.map((w) => w.stride),
      pads: pads(axes),
      count_include_pad: 0,
    });
  },
  competition: (b, site) => competitionInWindows(b, site, axesOf(site)),
  nonNegative: (site, known) => known(site.input(0)),
  through: keepsOrder,

  /**
   * ONNX Runtime 1.30 takes cells of zeros before a maximum for its own padding, which never wins, and refuses where both
   * together are as wide as the window: it leaves cells alone that hold another number, be it next to zero.
   */
  lower(b, site) {
    const before = b.producer(site.input(0));
    const isZero = !before?.inputs[2] || b.constantOf(before.inputs[2])?.data[0] === 0;
    const isConstant = (before?.attributes.mode ?? 'constant') === 'constant';
    if (before?.op !== 'Pad' || !isZero || !isConstant) return undefined;
    const [x, ends, , axes] = before.inputs as [string, string, string?, string?];
    const inputs = [x, ends, b.scalar(smallest), ...(axes ? [axes] : [])];
    return b.op('MaxPool', [b.op('Pad', inputs, before.attributes)], site.node.attributes);
  },

  vjp(b, site, [dy]) {
    if (dy === undefined) return undefined;
    const axes = axesOf(site);
    if (axes.some((w) => w.dilation > 1) || scatters(site, axes)) return scatterToWinners(b, site, axes, dy);
    return giveToWinners(b, site, axes, dy);
  },
};

/**
 * On a processor, indices take half the time of {@link giveToWinners} where windows move by more than one: of its steps a
 * fourth is then left to look for winners in, while indices need one each. Where they move by one, both take the same.
 */
const scatters = (site: Site, axes: readonly KernelWindow[]): boolean =>
  site.known.onProcessor === true && axes.some((w) => w.stride > 1);

const axesOf = (site: Site): KernelWindow[] => windows(site, site.ints('kernel_shape'));

/** The least positive number of float32 that processors compute with at full speed. */
const smallest = 2 ** -126;

/**
 * Gives each output's share to its winner, one axis at a time: a maximum over rows of maxima over columns. That the
 * first winning row and, in it, the first winning column is the first in row-major order makes this exact; it takes
 * Σ k steps instead of Π k, and no indices, whose kernel is slow on CPUs and missing on WebGPU.
 */
function giveToWinners(b: GraphBuilder, site: Site, axes: readonly KernelWindow[], dy: string): string {
  const channels = site.dim(0, 1);
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
  // With strides, cells of one window are picked apart: whole runs of channels at a time if these are last.
  const last = axes.some((w) => w.stride > 1);
  const rank = axes.length + 2;
  const axisIndices = axes.map((_, i) => i + 2);
  const arrange = (value: string) =>
    last ? b.op('Transpose', [value], { perm: [0, ...axisIndices, 1] }) : value;
  let share = arrange(dy);
  let winner = arrange(site.node.outputs[0]);
  axes.forEach((window, i) => {
    const stage = arrange(stages.pop()!);
    const sizes = axes.map((w, j) => (j <= i ? w.input : w.output));
    const shape = last ? [0, ...sizes, channels] : [0, channels, ...sizes];
    share = giveAlong(b, { window, axis: last ? i + 1 : i + 2, shape }, stage, winner, share);
    winner = stage;
  });
  const back = [0, rank - 1, ...axisIndices.map((i) => i - 1)];
  return last ? b.op('Transpose', [share], { perm: back }) : share;
}

/** One axis of {@link giveToWinners}: `values` (of `shape`) were pooled to `maxima` along `axis`. */
function giveAlong(
  b: GraphBuilder,
  { window: w, axis, shape }: { window: KernelWindow; axis: number; shape: readonly number[] },
  values: string,
  maxima: string,
  dy: string,
): string {
  const { kernel, stride, before, input, output } = w;
  const steps = Math.max(Math.ceil((before + input) / stride), output - 1 + Math.ceil(kernel / stride));
  if (stride === 1) return giveShifted(b, w, axis, shape.length, values, maxima, dy);
  const outer = shape.slice(0, axis);
  const inner = shape.slice(axis + 1);
  // The axis is folded into (step, phase), so that a window's cells lie side by side.
  const fold = (value: string) => b.op('Reshape', [value, b.ints(...outer, steps, stride, ...inner)]);
  const unfold = (value: string) => b.op('Reshape', [value, b.ints(...outer, steps * stride, ...inner)]);
  const apart = (value: string) => b.op('Unsqueeze', [value, b.ints(axis + 1)]);
  const cellOf = (step: number, phase: number) =>
    b.op('Slice', [cells, b.ints(step, phase), b.ints(step + output, phase + 1), b.ints(axis, axis + 1)]);

  const cells = fold(
    padAlong(b, values, axis, shape.length, before, steps * stride - before - input, lowest),
  );
  const maximum = apart(maxima);
  let rest = apart(dy);
  const phases: (string | undefined)[] = Array.from({ length: stride });
  for (let k = 0; k < kernel; k++) {
    const [step, phase] = [Math.floor(k / stride), k % stride];
    let share = rest;
    if (k < kernel - 1) {
      share = shareOfEqual(b, cellOf(step, phase), maximum, rest);
      rest = b.op('Sub', [rest, share]);
    }
    const placed = padAlong(b, share, axis, shape.length + 1, step, steps - output - step, 0);
    const other = phases[phase];
    phases[phase] = other === undefined ? placed : b.op('Add', [other, placed]);
  }
  const present = phases.map((p) => p ?? b.op('Mul', [phases[0]!, b.scalar(0)]));
  const whole = unfold(b.op('Concat', present, { axis: axis + 1 }));
  if (before === 0 && input === steps * stride) return whole;
  return b.op('Slice', [whole, b.ints(before), b.ints(before + input), b.ints(axis)]);
}

/** {@link giveAlong} with stride 1: cells are shifted copies of the values, shares are shifted back and added. */
function giveShifted(
  b: GraphBuilder,
  window: KernelWindow,
  axis: number,
  rank: number,
  values: string,
  maxima: string,
  dy: string,
): string {
  let rest = dy;
  let sum: string | undefined;
  for (let k = 0; k < window.kernel; k++) {
    let share = rest;
    if (k < window.kernel - 1) {
      share = shareOfEqual(b, cellAlong(b, window, k, axis, rank, values), maxima, rest);
      rest = b.op('Sub', [rest, share]);
    }
    const placed = placedAlong(b, window, k, axis, rank, share);
    sum = sum === undefined ? placed : b.op('Add', [sum, placed]);
  }
  return sum!;
}

/** What of `rest` goes to the cells that equal the maximum: Where(equal, rest, 0), which is slower than a product. */
function shareOfEqual(b: GraphBuilder, cells: string, maxima: string, rest: string): string {
  return b.op('Mul', [rest, b.op('Cast', [b.op('Equal', [cells, maxima])], { to: 1 })]);
}

/** By ONNX Runtime's own indices, which count through the whole batch: any dilation, on CPU providers only. */
function scatterToWinners(b: GraphBuilder, site: Site, axes: readonly KernelWindow[], dy: string): string {
  const [, indices] = b.ops('MaxPool', [site.input(0)], 2, site.node.attributes);
  const flat = (value: string) => b.op('Reshape', [value, b.ints(-1)]);
  const nothing = b.op('Mul', [flat(site.input(0)), b.scalar(0)]);
  const given = b.op('ScatterElements', [nothing, flat(indices), flat(dy)], { reduction: 'add' });
  return b.op('Reshape', [given, b.ints(-1, site.dim(0, 1), ...axes.map((w) => w.input))]);
}
