import { float32, type GraphBuilder, size } from '../../graph/index.ts';

/** Sums the channels of each group: N×C×… to N×groups×…, whose other dimensions are `spatial`. */
export function sumGroups(
  b: GraphBuilder,
  value: string,
  groups: number,
  channels: number,
  spatial: readonly number[],
): string {
  if (groups === channels) return value;
  if (groups === 1) return b.op('ReduceSum', [value, b.ints(1)], { keepdims: 1 });
  const grouped = b.op('Reshape', [value, b.ints(-1, groups, channels / groups, ...spatial)]);
  return b.op('ReduceSum', [grouped, b.ints(2)], { keepdims: 0 });
}

/** Repeats the one channel of each group: N×groups×… to N×C×…, whose other dimensions are `spatial`. */
export function repeatGroups(
  b: GraphBuilder,
  value: string,
  groups: number,
  channels: number,
  spatial: readonly number[],
): string {
  if (groups === channels) return value;
  if (groups === 1) return b.op('Expand', [value, b.ints(1, channels, ...spatial)]);
  const repeated = b.op('Expand', [
    b.op('Unsqueeze', [value, b.ints(2)]),
    b.ints(1, groups, channels / groups, ...spatial),
  ]);
  return b.op('Reshape', [repeated, b.ints(-1, channels, ...spatial)]);
}

/** All-one weights of a convolution in which every channel stays apart: channels×1×kernel. */
export function onesKernel(b: GraphBuilder, channels: number, kernel: readonly number[]): string {
  const shape = [channels, 1, ...kernel];
  return b.table(`ones ${shape}`, () => float32(shape, new Float32Array(size(shape)).fill(1)));
}
