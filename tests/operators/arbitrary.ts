import fc from 'fast-check';

/** Sizes of tensors: few dimensions, small ones. */
export const shapes = (minLength: number, maxLength: number, max = 4) =>
  fc.array(fc.integer({ min: 1, max }), { minLength, maxLength });

/** A shape and another that broadcasts to it: some dimensions 1, some leading ones left out. */
export const broadcastPair = fc
  .record({
    shape: shapes(1, 4),
    ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
    dropped: fc.nat(2),
  })
  .map(({ shape, ones, dropped }) => ({
    shape,
    part: shape.map((n, i) => (ones[i] ? 1 : n)).slice(Math.min(dropped, shape.length)),
  }));

/** Windows along one axis of an input: what convolutions and poolings share. */
export interface Axis {
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

/** An axis whose padding is less than its kernel, as poolings need it. */
export const poolAxis = (maxDilation: number): fc.Arbitrary<Axis> =>
  fc
    .record({
      kernel: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: maxDilation }),
      more: fc.nat(4),
      before: fc.nat(2),
      after: fc.nat(2),
    })
    .map(({ kernel, stride, dilation, more, before, after }) => ({
      kernel,
      stride,
      dilation,
      size: (kernel - 1) * dilation + 1 + more,
      before: Math.min(before, kernel - 1),
      after: Math.min(after, kernel - 1),
    }));

/** An axis with padding of any size. */
export const convAxis: fc.Arbitrary<Axis> = fc
  .record({
    size: fc.integer({ min: 1, max: 6 }),
    kernel: fc.integer({ min: 1, max: 3 }),
    stride: fc.integer({ min: 1, max: 3 }),
    dilation: fc.integer({ min: 1, max: 2 }),
    before: fc.nat(2),
    after: fc.nat(3),
  })
  .filter((a) => a.size + a.before + a.after >= (a.kernel - 1) * a.dilation + 1);

export const pads = (axes: readonly Axis[]): number[] => [
  ...axes.map((a) => a.before),
  ...axes.map((a) => a.after),
];
