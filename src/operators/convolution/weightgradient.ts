import type { GraphBuilder } from '../../graph/index.ts';
import type { KernelWindow } from '../shapes.ts';
import type { Convolution } from './transposed.ts';

/**
 * dW[k,c,t] = Σ_n Σ_o dy[n,k,o] · x[n,c,o·stride + t·dilation − before]: for each kernel offset t, what of the input it
 * meets is cut out and multiplied by dy. ONNX Runtime multiplies by the transpose of that without making it. Two to three
 * times as fast there as a convolution of x with dy.
 */
export function weightGradient(b: GraphBuilder, c: Convolution, x: string, dy: string): string {
  const each = perImage(c);
  const cells = arrange(b, c, x, each);
  const rows = b.op('Reshape', [
    dy,
    b.ints(-1, c.groups, c.outputs / c.groups, product(c.axes.map((w) => w.output))),
  ]);
  // g×K/g×(images and positions), where the product sums over both.
  const cotangent = each
    ? rows
    : b.op('Reshape', [
        b.op('Transpose', [rows], { perm: [1, 2, 0, 3] }),
        b.ints(c.groups, c.outputs / c.groups, -1),
      ]);
  const perTap = cells.taps.map((tap) => tapGradient(b, c, { cells, tap, each }, cotangent));
  const gradient = perTap.length === 1 ? perTap[0] : b.op('Concat', perTap, { axis: 2 });
  return cells.merged
    ? interleave(b, c, gradient)
    : b.op('Reshape', [gradient, b.ints(c.outputs, c.channels / c.groups, ...c.axes.map((w) => w.kernel))]);
}

const product = (dims: readonly number[]): number => dims.reduce((p, n) => p * n, 1);

/**
 * Whether images are multiplied one by one, and the products added: adding costs the less, the more positions there are
 * for each weight, and nothing has to be brought into another order first.
 */
function perImage({ axes, groups, channels, outputs }: Convolution): boolean {
  if (isPointwise(axes)) return true;
  const [into, out] = [channels / groups, outputs / groups];
  return product(axes.map((w) => w.output)) * (into + out) >= 4 * into * out;
}

const isPointwise = (axes: readonly KernelWindow[]): boolean =>
  axes.every((w) => w.kernel * w.stride === 1 && w.before + w.after === 0);

/** Where a kernel offset finds its cells: position q·s + r is step q of phase r. */
interface Tap {
  readonly phases: readonly number[];
  readonly steps: readonly number[];
}

/** The input in the order in which kernel offsets cut it: images (if `each`), groups, phases, channels, images (else), steps. */
interface Cells {
  readonly value: string;
  readonly channels: number;
  /** Steps along each axis. */
  readonly lengths: readonly number[];
  readonly taps: readonly Tap[];
  /** Whether phases are channels. */
  readonly merged: boolean;
}

function arrange(b: GraphBuilder, c: Convolution, x: string, each: boolean): Cells {
  const { axes, groups } = c;
  const channels = c.channels / groups;
  const merged = mergesPhases(c);
  const strides = axes.map((w) => w.stride);
  const offsets = grid(axes.map((w) => (merged ? taps(w) : w.kernel)));
  const found = offsets.map((offset): Tap => {
    if (merged || strides.every((n) => n === 1))
      return { phases: [], steps: offset.map((n, i) => n * axes[i].dilation) };
    const places = offset.map((n, i) => n * axes[i].dilation);
    return {
      phases: places.map((n, i) => n % strides[i]),
      steps: places.map((n, i) => Math.floor(n / strides[i])),
    };
  });
  const lengths = axes.map((w, i) => w.output + Math.max(...found.map(({ steps }) => steps[i])));
  const fitted = fitTo(
    b,
    x,
    axes,
    lengths.map((n, i) => n * strides[i]),
  );
  const moved = byPhase(b, c, fitted, lengths, each);
  const together = merged || strides.every((n) => n === 1);
  const inner = together ? [channels * product(strides)] : [...strides, channels];
  const shape = each ? [-1, groups, ...inner, ...lengths] : [groups, ...inner, -1, ...lengths];
  return {
    value: b.op('Reshape', [moved, b.ints(...shape)]),
    channels: together ? inner[0] : channels,
    lengths,
    taps: found,
    merged,
  };
}

/** The input with phases before channels, and the images, unless `each` stays by itself, behind them. */
function byPhase(
  b: GraphBuilder,
  { axes, groups, channels }: Convolution,
  x: string,
  lengths: readonly number[],
  each: boolean,
): string {
  const split = (...inner: number[]) => b.op('Reshape', [x, b.ints(-1, groups, channels / groups, ...inner)]);
  if (axes.every((w) => w.stride === 1))
    return each ? x : b.op('Transpose', [split(product(lengths))], { perm: [1, 2, 0, 3] });
  const [steps, phases] = [axes.map((_, i) => 2 * i + 3), axes.map((_, i) => 2 * i + 4)];
  return b.op('Transpose', [split(...lengths.flatMap((n, i) => [n, axes[i].stride]))], {
    perm: each ? [0, 1, ...phases, 2, ...steps] : [1, ...phases, 2, 0, ...steps],
  });
}

const taps = (w: KernelWindow): number => Math.ceil(w.kernel / w.stride);

/**
 * Whether the phases of strides are taken for channels: fewer and larger products, which pays where there are few channels
 * (the first layer), unless the kernel leaves much of the phases unused.
 */
function mergesPhases({ axes, groups, channels }: Convolution): boolean {
  if (axes.every((w) => w.stride === 1) || axes.some((w) => w.dilation > 1)) return false;
  const waste = product(axes.map((w) => (taps(w) * w.stride) / w.kernel));
  return waste <= (channels / groups <= 16 ? 2 : 1.3);
}

/** The product of dy with what one kernel offset meets of the input, summed over the images: K×channels×1. */
function tapGradient(
  b: GraphBuilder,
  c: Convolution,
  { cells, tap, each }: { cells: Cells; tap: Tap; each: boolean },
  cotangent: string,
): string {
  const outputs = c.axes.map((w) => w.output);
  const rank = (each ? 2 : 1) + tap.phases.length;
  const phaseAxes = tap.phases.map((_, i) => i + (each ? 2 : 1));
  const stepAxes = tap.steps.map((_, i) => i + rank + (each ? 1 : 2));
  const isWhole = c.axes.every((w) => w.stride === 1) && cells.lengths.every((n, i) => n === outputs[i]);
  const seen = isWhole
    ? cells.value
    : b.op('Slice', [
        cells.value,
        b.ints(...tap.phases, ...tap.steps),
        b.ints(...tap.phases.map((n) => n + 1), ...tap.steps.map((n, i) => n + outputs[i])),
        b.ints(...phaseAxes, ...stepAxes),
      ]);
  const flat = b.op('Reshape', [
    seen,
    each ? b.ints(-1, c.groups, cells.channels, product(outputs)) : b.ints(c.groups, cells.channels, -1),
  ]);
  const turned = b.op('Transpose', [flat], { perm: each ? [0, 1, 3, 2] : [0, 2, 1] });
  const products = b.op('MatMul', [cotangent, turned]);
  const sum = each ? b.op('ReduceSum', [products, b.ints(0)], { keepdims: 0 }) : products;
  return b.op('Reshape', [sum, b.ints(c.outputs, cells.channels, 1)]);
}

/** K × (phases, C/g) × taps as K × C/g × (tap, phase) per axis, cut to the kernel. */
function interleave(
  b: GraphBuilder,
  { axes, groups, channels, outputs }: Convolution,
  gradient: string,
): string {
  const perGroup = channels / groups;
  const rank = axes.length;
  const [strides, reach] = [axes.map((w) => w.stride), axes.map(taps)];
  const apart = b.op('Reshape', [gradient, b.ints(outputs, ...strides, perGroup, ...reach)]);
  const interleaved = b.op('Transpose', [apart], {
    perm: [0, rank + 1, ...axes.flatMap((_, i) => [rank + 2 + i, i + 1])],
  });
  const whole = b.op('Reshape', [
    interleaved,
    b.ints(outputs, perGroup, ...reach.map((n, i) => n * strides[i])),
  ]);
  return b.op('Slice', [
    whole,
    b.ints(...axes.map(() => 0)),
    b.ints(...axes.map((w) => w.kernel)),
    b.ints(...axes.map((_, i) => i + 2)),
  ]);
}

/** The input padded, and cut where no window reaches, to the given lengths. */
function fitTo(
  b: GraphBuilder,
  x: string,
  axes: readonly KernelWindow[],
  lengths: readonly number[],
): string {
  const after = axes.map((w, i) => lengths[i] - w.before - w.input);
  const grown = [...axes.map((w) => w.before), ...after.map((n) => Math.max(0, n))];
  const half = axes.length;
  const padded = grown.some((n) => n > 0)
    ? b.op('Pad', [x, b.ints(0, 0, ...grown.slice(0, half), 0, 0, ...grown.slice(half)), b.scalar(0)])
    : x;
  if (after.every((n) => n >= 0)) return padded;
  return b.op('Slice', [
    padded,
    b.ints(...axes.map(() => 0)),
    b.ints(...lengths),
    b.ints(...axes.map((_, i) => i + 2)),
  ]);
}

/** All positions of a grid in row-major order. */
function grid(sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (outer, n) => outer.flatMap((at) => Array.from({ length: n }, (_, i) => [...at, i])),
    [[]],
  );
}
