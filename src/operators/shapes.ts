import type { Dim, Shape } from '../graph/index.ts';
import type { Site } from './site.ts';

/** The shape that two shapes broadcast to, by ONNX's (NumPy's) rule. */
export function broadcast(site: Site, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const x: Dim = a[i - rank + a.length] ?? 1;
    const y: Dim = b[i - rank + b.length] ?? 1;
    if (x === 1) return y;
    if (y === 1 || x === y) return x;
    return site.fail(`shapes [${a}] and [${b}] do not broadcast`);
  });
}

/** Where a kernel stands on an axis: all that convolution and pooling have to know. */
export interface KernelWindow {
  readonly input: number;
  readonly output: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/**
 * The windows of a Conv, MaxPool or AveragePool on its spatial axes, with `auto_pad` resolved to explicit pads and
 * `ceil_mode` to the output size it gives. A window that would start in the end padding is dropped (as Caffe and
 * ONNX ≥ 19 do); with ceil mode `after` grows so that the last window fits.
 */
export function windows(site: Site, kernel: readonly number[], input = site.dims(0, 2)): KernelWindow[] {
  const rank = kernel.length;
  const ones = kernel.map(() => 1);
  const strides = site.ints('strides', ones);
  const dilations = site.ints('dilations', ones);
  const pads = site.ints('pads', [...ones, ...ones].fill(0));
  const auto = site.string('auto_pad', 'NOTSET');
  const ceil = site.int('ceil_mode', 0) === 1;
  if (input.length !== rank)
    site.fail(`a ${rank}-D kernel on an input of ${input.length} spatial dimensions`);
  if (strides.length !== rank || dilations.length !== rank || pads.length !== 2 * rank) {
    site.fail(`strides, dilations and pads must fit the ${rank}-D kernel`);
  }
  for (const [name, sizes] of Object.entries({ kernel, strides, dilations }))
    if (sizes.some((n) => n < 1)) site.fail(`its ${name} [${sizes}] must be at least 1`);
  return input.map((size, axis) => {
    const [k, stride, dilation] = [kernel[axis], strides[axis], dilations[axis]];
    const extent = (k - 1) * dilation + 1;
    let [before, after] = [pads[axis], pads[axis + rank]];
    if (auto === 'SAME_UPPER' || auto === 'SAME_LOWER') {
      const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + extent - size);
      before = auto === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
      after = total - before;
    } else if (auto === 'VALID') {
      before = after = 0;
    }
    const room = size + before + after - extent;
    if (room < 0)
      site.fail(
        `the kernel (${extent}) is larger than the padded input (${size + before + after}) on axis ${axis + 2}`,
      );
    let output = Math.floor(room / stride) + 1;
    if (ceil && room % stride !== 0 && output * stride < size + before) {
      after += output * stride - room;
      output++;
    }
    return { input: size, output, kernel: k, stride, dilation, before, after };
  });
}

/** Pads in ONNX's order: all befores, then all afters. */
export const pads = (axes: readonly KernelWindow[]): number[] => [
  ...axes.map((w) => w.before),
  ...axes.map((w) => w.after),
];

/** For each output position along an axis, how many kernel cells stand on the input rather than on padding. */
export function seenCells({ input, output, kernel, stride, dilation, before }: KernelWindow): number[] {
  return Array.from({ length: output }, (_, o) => {
    let seen = 0;
    for (let k = 0; k < kernel; k++) {
      const at = o * stride - before + k * dilation;
      if (at >= 0 && at < input) seen++;
    }
    return seen;
  });
}

/** Positions along one axis of feature maps, both ends included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

/** What windows that stand at some positions of their output see of the input, axis by axis. */
export const seenThroughWindows = (axes: readonly KernelWindow[], spans: readonly Span[]): Span[] =>
  axes.map(({ stride, before, dilation, kernel, input }, i) => ({
    first: Math.max(0, spans[i].first * stride - before),
    last: Math.min(input - 1, spans[i].last * stride - before + (kernel - 1) * dilation),
  }));
