import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { float32, GraphBuilder } from '../../src/graph/index.ts';
import { infer, operatorOf, Site } from '../../src/operators/index.ts';
import { at, build, indices } from '../reference/array.ts';
import { convolution, transposedConvolution } from '../reference/convolution.ts';
import { runGraph } from '../run.ts';
import { type Axis, convAxis, pads } from './arbitrary.ts';
import { check } from './check.ts';
import { array, random } from './random.ts';

// Square kernels and strides, as networks have them: the fast formulations' case.
const square = convAxis.map((a): Axis[] => [
  { ...a, dilation: 1 },
  { ...a, dilation: 1, size: a.size + 1 },
]);

const layer = fc.record({
  axes: fc.oneof(
    { weight: 3, arbitrary: fc.array(convAxis, { minLength: 2, maxLength: 2 }) },
    {
      weight: 3,
      arbitrary: square,
    },
    { weight: 1, arbitrary: fc.array(convAxis, { minLength: 1, maxLength: 1 }) },
  ),
  groups: fc.constantFrom(1, 1, 2),
  perGroup: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 2 })),
  biased: fc.boolean(),
  constant: fc.boolean(),
  seed: fc.integer(),
});

const geometry = (axes: readonly Axis[], group: number) => ({
  strides: axes.map((a) => a.stride),
  dilations: axes.map((a) => a.dilation),
  pads: pads(axes),
  group,
});

describe('Conv', () => {
  it('with any groups, strides, dilations and pads', () =>
    fc.assert(
      fc.asyncProperty(layer, async ({ axes, groups, perGroup: [into, out], biased, constant, seed }) => {
        const next = random(seed);
        const g = geometry(axes, groups);
        const bias = { array: array(next, [out * groups]), constant, batch: false };
        await check({
          op: 'Conv',
          attributes: { ...g },
          inputs: [
            { array: array(next, [2, into * groups, ...axes.map((a) => a.size)]) },
            {
              array: array(next, [out * groups, into, ...axes.map((a) => a.kernel)]),
              constant,
              batch: false,
            },
            biased ? bias : undefined,
          ],
          reference: ([x, w, b]) => [convolution(x, w, b, g)],
          seed,
        });
      }),
      { numRuns: 60 },
    ));

  it.each(['SAME_UPPER', 'SAME_LOWER', 'VALID'])('with auto_pad %s', (auto) =>
    fc.assert(
      fc.asyncProperty(convAxis, fc.integer(), async (axis, seed) => {
        const { size, kernel, stride } = axis;
        if (auto === 'VALID' && size < kernel) return;
        const total =
          auto === 'VALID' ? 0 : Math.max(0, (Math.ceil(size / stride) - 1) * stride + kernel - size);
        const before = auto === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
        const g = geometry([{ ...axis, dilation: 1, before, after: total - before }], 1);
        const next = random(seed);
        await check({
          op: 'Conv',
          attributes: { auto_pad: auto, strides: [stride] },
          inputs: [
            { array: array(next, [2, 2, size]) },
            { array: array(next, [2, 2, kernel]), constant: true },
          ],
          reference: ([x, w]) => [convolution(x, w, undefined, g)],
          seed,
        });
      }),
      { numRuns: 8 },
    ),
  );

  it('of a first layer: few channels, large kernel, stride', () =>
    check({
      op: 'Conv',
      attributes: { strides: [4, 4] },
      inputs: [
        { array: array(random(1), [2, 3, 11, 15]) },
        { array: array(random(2), [2, 3, 7, 7]), constant: true },
      ],
      reference: ([x, w]) => [
        convolution(x, w, undefined, { strides: [4, 4], dilations: [1, 1], pads: [0, 0, 0, 0], group: 1 }),
      ],
      seed: 1,
    }));

  it('names the node whose weights do not fit', () => {
    const b = new GraphBuilder('test');
    b.input({ name: 'x', type: 'float32', shape: ['N', 3, 8, 8] });
    b.weight('w', float32([4, 2, 3, 3], new Float32Array(72)));
    b.node({ op: 'Conv', name: 'conv1', inputs: ['x', 'w'], outputs: ['y'] });
    b.output('y', { name: 'y', type: 'float32', shape: [] });
    expect(() => infer(b.build())).toThrow(/node 'conv1' \(Conv\): weights \[4,2,3,3\] .* 3 input channels/);
  });
});

describe('ConvTranspose', () => {
  const upsampling = layer.chain((l) =>
    fc.record({ l: fc.constant(l), extra: fc.array(fc.nat(2), { minLength: 2, maxLength: 2 }) }),
  );
  it('with any groups, strides, dilations, pads and output padding', () =>
    fc.assert(
      fc.asyncProperty(
        upsampling,
        async ({
          l: {
            axes,
            groups,
            perGroup: [into, out],
            biased,
            constant,
            seed,
          },
          extra,
        }) => {
          const next = random(seed);
          const g = geometry(axes, groups);
          const padding = axes.map((a, i) => Math.min(extra[i], a.stride - 1));
          const size = axes.map(
            (a, i) =>
              a.stride * (a.size - 1) + padding[i] + (a.kernel - 1) * a.dilation + 1 - a.before - a.after,
          );
          if (size.some((n) => n < 1)) return;
          const bias = { array: array(next, [out * groups]), constant, batch: false };
          await check({
            op: 'ConvTranspose',
            attributes: { ...g, ...(padding.some((n) => n > 0) && { output_padding: padding }) },
            inputs: [
              { array: array(next, [2, into * groups, ...axes.map((a) => a.size)]) },
              {
                array: array(next, [into * groups, out, ...axes.map((a) => a.kernel)]),
                constant,
                batch: false,
              },
              biased ? bias : undefined,
            ],
            reference: ([x, w, b]) => [transposedConvolution(x, w, b, g, size)],
            seed,
          });
        },
      ),
      { numRuns: 60 },
    ));

  it.each(['SAME_UPPER', 'SAME_LOWER', 'VALID', 'output_shape'])('with sizes from %s', (how) =>
    fc.assert(
      fc.asyncProperty(convAxis, fc.nat(3), fc.integer(), async ({ size, kernel, stride }, less, seed) => {
        const full = stride * (size - 1) + kernel;
        const wanted =
          how === 'VALID' ? full : how === 'output_shape' ? Math.max(1, full - less) : size * stride;
        if (wanted > full) return;
        const total = full - wanted;
        const before = how === 'SAME_UPPER' ? Math.floor(total / 2) : Math.ceil(total / 2);
        const g = { strides: [stride], dilations: [1], pads: [before, total - before], group: 1 };
        const next = random(seed);
        await check({
          op: 'ConvTranspose',
          attributes: {
            strides: [stride],
            ...(how === 'output_shape' ? { output_shape: [wanted] } : { auto_pad: how }),
          },
          inputs: [
            { array: array(next, [2, 2, size]) },
            { array: array(next, [2, 1, kernel]), constant: true },
          ],
          reference: ([x, w]) => [transposedConvolution(x, w, undefined, g, [wanted])],
          seed,
        });
      }),
      { numRuns: 12 },
    ),
  );

  it('sums the weights of whole windows, per phase of the stride', async () => {
    const b = new GraphBuilder('test');
    const w = array(random(1), [2, 3, 3, 2]);
    b.input({ name: 'x', type: 'float32', shape: [1, 2, 4, 4] });
    b.weight('w', float32(w.shape, w.data));
    b.node({
      op: 'ConvTranspose',
      name: 'up',
      inputs: ['x', 'w'],
      outputs: ['y'],
      attributes: { strides: [2, 3], pads: [1, 0, 0, 1] },
    });
    b.output('y', { name: 'y', type: 'float32', shape: [] });
    const graph = b.build();
    const known = infer(graph);
    const role = operatorOf(graph.nodes[0]).role(new Site(graph.nodes[0], known));
    if (role.kind !== 'linear') throw new Error('not linear');
    const shape = known.shapes.get('y')! as number[];
    const c = new GraphBuilder(graph);
    c.output(role.map.windowSum(c, 'w'), { name: 'sums', type: 'float32', shape });
    const { sums } = await runGraph(c.build(), { x: float32([1, 2, 4, 4], new Float32Array(32)) });
    const expected = build(shape, ([, k, i, j]) =>
      indices([2, 3, 2])
        .filter(([, s, t]) => (i + 1 - s) % 2 === 0 && (j - t) % 3 === 0)
        .reduce((sum, [channel, s, t]) => sum + at(w, [channel, k, s, t]), 0),
    );
    expected.data.forEach((value, i) => {
      expect(Number(sums.data[i])).toBeCloseTo(value, 5);
    });
  });
});
