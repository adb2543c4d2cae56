import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapes } from '../operators/arbitrary.ts';
import { array, random } from '../operators/random.ts';
import { at, build, count, map, type NdArray } from '../reference/array.ts';
import { placed, prelu } from '../reference/caffe/elementwise.ts';
import { innerProduct } from '../reference/caffe/movement.ts';
import { acrossChannels } from '../reference/caffe/normalisation.ts';
import { caffePooling } from '../reference/caffe/pooling.ts';
import { convolution, transposedConvolution } from '../reference/convolution.ts';
import { euclideanLoss } from '../reference/losses.ts';
import { type Arrays, checkTraining, input, scalar, scaled, scaleLayer, sum } from './check.ts';
import { trainingNet } from './pass.ts';

const runs = { numRuns: 15 };
const layer = (type: string, bottom: string, params = '', top = 'y', name = 'layer') =>
  `layer { name: "${name}" type: "${type}" bottom: "${bottom}" top: "${top}" ${params} }`;

describe('BatchNorm', () => {
  /** Mean and biased variance of each channel. */
  function statistics(x: NdArray): { mean: NdArray; variance: NdArray; elements: number } {
    const channels = x.shape[1];
    const elements = count(x.shape) / channels;
    const of = (f: (value: number, c: number) => number): NdArray => {
      const sums = new Float64Array(channels);
      const inner = count(x.shape.slice(2));
      x.data.forEach((value, i) => {
        const c = Math.floor(i / inner) % channels;
        sums[c] += f(value, c) / elements;
      });
      return { shape: [channels], data: sums };
    };
    const mean = of((value) => value);
    return { mean, variance: of((value, c) => (value - mean.data[c]) ** 2), elements };
  }

  const normalised = (x: NdArray, mean: NdArray, variance: NdArray, eps: number): NdArray =>
    build(x.shape, (index) => {
      const c = index[1];
      return (at(x, index) - mean.data[c]) / Math.sqrt(variance.data[c] + eps);
    });

  const text = (shape: readonly number[], params: string) => `${input({ data: shape, target: shape })}
    ${scaleLayer('data', 'x')} ${layer('BatchNorm', 'x', params, 'y', 'bn')} ${scaleLayer('y', 'z')}
    layer { name: "loss" type: "EuclideanLoss" bottom: "z" bottom: "target" top: "loss" }`;

  it('with the statistics of the batch, which it gathers', () =>
    fc.assert(
      fc.asyncProperty(shapes(2, 4), fc.constantFrom(1e-3, 0.5), fc.integer(), async (shape, eps, seed) => {
        const next = random(seed);
        const net = trainingNet(
          text(shape, `batch_norm_param { eps: ${eps} moving_average_fraction: 0.9 } param { lr_mult: 0 }`),
        );
        expect(net.wholeBatch).toBe(true);
        expect(net.moving).toEqual(
          ['mean', 'variance', 'factor'].map((role) => ({
            parameter: `bn.${role}`,
            output: expect.any(String),
            fraction: Math.fround(0.9),
          })),
        );
        expect(net.parameters.map((p) => [p.name, p.rateFactor])).toEqual([
          ['x.weight', 1],
          ['x.bias', 1],
          ['bn.mean', 0],
          ['bn.variance', 0],
          ['bn.factor', 0],
          ['z.weight', 1],
          ['z.bias', 1],
        ]);
        const [mean, variance, factor] = net.moving.map(({ output }) => output);
        await checkTraining({
          net,
          inputs: { data: array(next, shape), target: array(next, shape) },
          reference(v) {
            const x = scaled(v.data, v['x.weight'], v['x.bias']);
            const batch = statistics(x);
            const y = normalised(x, batch.mean, batch.variance, eps);
            const loss = euclideanLoss(scaled(y, v['z.weight'], v['z.bias']), v.target).value / shape[0];
            const correction = batch.elements > 1 ? batch.elements / (batch.elements - 1) : 1;
            return {
              outputs: {
                loss: scalar(loss),
                [mean]: batch.mean,
                [variance]: map(batch.variance, (value) => value * correction),
                [factor]: { shape: [1], data: Float64Array.of(1) },
              },
              objective: loss,
            };
          },
          seed,
        });
      }),
      runs,
    ));

  it.each([
    ['test', ''],
    ['train', 'batch_norm_param { use_global_stats: true }'],
  ] as const)('with the stored statistics in phase %s %s', (phase, params) =>
    fc.assert(
      fc.asyncProperty(
        shapes(2, 4),
        fc.constantFrom(0, 1, 3.5, 999.9),
        fc.integer(),
        async (shape, factor, seed) => {
          const next = random(seed);
          const net = trainingNet(text(shape, params), phase);
          expect([net.wholeBatch, net.moving]).toEqual([false, []]);
          const channels = [shape[1]];
          const sums = (low: number, high: number) =>
            map(array(next, channels, low, high), (x) => x * (factor || 1));
          await checkTraining({
            net,
            inputs: { data: array(next, shape), target: array(next, shape) },
            parameters: {
              'bn.mean': sums(-1, 1),
              'bn.variance': sums(0.5, 2),
              'bn.factor': { shape: [1], data: Float64Array.of(factor) },
            },
            reference(v) {
              const x = scaled(v.data, v['x.weight'], v['x.bias']);
              const stored = (name: string) => map(v[name], (s) => (factor === 0 ? 0 : s / factor));
              const y = normalised(x, stored('bn.mean'), stored('bn.variance'), 1e-5);
              const loss = euclideanLoss(scaled(y, v['z.weight'], v['z.bias']), v.target).value / shape[0];
              // Divided by √eps, float32 has few digits left.
              const size = factor === 0 ? 1e-5 : 1;
              return { outputs: { loss: scalar(loss) }, objective: loss * size };
            },
            smooth: factor !== 0,
            seed,
          });
        },
      ),
      runs,
    ),
  );

  it('refuses learning rates for statistics', () =>
    expect(() => trainingNet(text([3, 2], 'param { lr_mult: 1 }'))).toThrow(
      "layer 'bn': its statistics are not",
    ));

  it('with the statistics of the batch in tests too, if asked for, without gathering', () => {
    const net = trainingNet(text([3, 2], 'batch_norm_param { use_global_stats: false }'), 'test');
    expect([net.wholeBatch, net.moving]).toEqual([true, []]);
  });
});

describe('Dropout', () => {
  const text = (
    shape: readonly number[],
    ratio: number,
  ) => `${input({ data: shape })} ${scaleLayer('data', 'x')}
    ${layer('Dropout', 'x', `dropout_param { dropout_ratio: ${ratio} }`, 'x', 'drop')}
    ${layer('Power', 'x', 'power_param { power: 2 } loss_weight: 1')}`;

  it('drops in training what its mask says', () =>
    fc.assert(
      fc.asyncProperty(shapes(2, 4), fc.integer(), async (shape, seed) => {
        const next = random(seed);
        const net = trainingNet(text(shape, 0.25));
        expect(net.masks).toEqual([{ name: 'mask:drop', ratio: 0.25 }]);
        expect(net.graph.inputs.find(({ name }) => name === 'mask:drop')?.shape).toEqual([
          'N',
          ...shape.slice(1),
        ]);
        await checkTraining({
          net,
          inputs: { data: array(next, shape), 'mask:drop': build(shape, () => (next() < 0.25 ? 0 : 4 / 3)) },
          reference(v) {
            const x = scaled(v.data, v['x.weight'], v['x.bias']);
            const y = build(shape, (index) => (at(x, index) * at(v['mask:drop'], index)) ** 2);
            return { outputs: { y }, objective: sum(y) };
          },
          seed,
        });
      }),
      runs,
    ));

  it.each([
    ['test', 0.5],
    ['train', 0],
  ] as const)('keeps everything in phase %s with ratio %d', async (phase, ratio) => {
    const net = trainingNet(text([2, 3], ratio), phase);
    expect(net.masks).toEqual([]);
    await checkTraining({
      net,
      inputs: { data: array(random(1), [2, 3]) },
      reference(v) {
        const y = map(scaled(v.data, v['x.weight'], v['x.bias']), (x) => x * x);
        return { outputs: { y }, objective: sum(y) };
      },
      seed: 1,
    });
  });

  it.each([1, -0.1])('refuses a ratio of %d', (ratio) =>
    expect(() => trainingNet(text([1, 2], ratio))).toThrow("layer 'drop': dropout_ratio"),
  );
});

describe('layers with parameters, whose gradients pass through a square', () => {
  interface LayerCase {
    readonly type: string;
    readonly params: string;
    readonly shape: readonly number[];
    readonly y: (x: NdArray, v: Arrays) => NdArray;
  }
  const geometry = (pad: number, stride: number, dilation: number, group: number) => ({
    strides: [stride, stride],
    dilations: [dilation, dilation],
    pads: [pad, pad, pad, pad],
    group,
  });
  const cases: LayerCase[] = [
    ...[
      [0, 1, 1, 1],
      [1, 2, 1, 2],
      [2, 1, 2, 1],
      [0, 3, 1, 4],
    ].map(([pad, stride, dilation, group]) => ({
      type: 'Convolution',
      params: `convolution_param { num_output: 4 kernel_size: 3 pad: ${pad} stride: ${stride} dilation: ${dilation}
        group: ${group} }`,
      shape: [2, 4, 7, 6],
      y: (x: NdArray, v: Arrays) =>
        convolution(x, v['layer.weight'], v['layer.bias'], geometry(pad, stride, dilation, group)),
    })),
    ...[
      [0, 1, 1],
      [1, 2, 2],
    ].map(([pad, stride, group]) => ({
      type: 'Deconvolution',
      params: `convolution_param { num_output: 4 kernel_size: 3 pad: ${pad} stride: ${stride} group: ${group} }`,
      shape: [2, 4, 3, 4],
      y: (x: NdArray, v: Arrays) => {
        const size = x.shape.slice(2).map((n) => (n - 1) * stride + 3 - 2 * pad);
        return transposedConvolution(
          x,
          v['layer.weight'],
          v['layer.bias'],
          geometry(pad, stride, 1, group),
          size,
        );
      },
    })),
    ...[false, true].map((transpose) => ({
      type: 'InnerProduct',
      params: `inner_product_param { num_output: 3 transpose: ${transpose} }`,
      shape: [3, 2, 2],
      y: (x: NdArray, v: Arrays) => innerProduct(x, v['layer.weight'], v['layer.bias'], transpose),
    })),
    {
      type: 'InnerProduct',
      params: 'inner_product_param { num_output: 2 bias_term: false }',
      shape: [3, 4],
      y: (x, v) => innerProduct(x, v['layer.weight'], undefined, false),
    },
    ...[
      [1, 1],
      [1, 2],
      [2, 1],
      [1, -1],
    ].map(([axis, axes]) => ({
      type: 'Scale',
      params: `scale_param { axis: ${axis} num_axes: ${axes} bias_term: true }`,
      shape: [2, 3, 2, 2],
      y: (x: NdArray, v: Arrays) =>
        placed(
          placed(x, v['layer.weight'], axis, (a, b) => a * b),
          v['layer.bias'],
          axis,
          (a, b) => a + b,
        ),
    })),
    {
      type: 'Bias',
      params: 'bias_param { axis: 2 }',
      shape: [2, 3, 2],
      y: (x, v) => placed(x, v['layer.bias'], 2, (a, b) => a + b),
    },
    ...[false, true].map((shared) => ({
      type: 'PReLU',
      params: `prelu_param { channel_shared: ${shared} }`,
      shape: [2, 3, 2, 2],
      y: (x: NdArray, v: Arrays) => prelu(x, v['layer.slope']),
    })),
    {
      type: 'LRN',
      params: 'lrn_param { local_size: 3 alpha: 0.5 beta: 0.75 k: 1 }',
      shape: [2, 4, 2, 3],
      y: (x) => acrossChannels(x, { localSize: 3, alpha: 0.5, beta: 0.75, k: 1 }),
    },
    ...(['MAX', 'AVE'] as const).map((method) => ({
      type: 'Pooling',
      params: `pooling_param { pool: ${method} kernel_size: 3 stride: 2 pad: 1 }`,
      shape: [2, 2, 6, 5],
      y: (x: NdArray) => caffePooling(x, { kernel: [3, 3], stride: [2, 2], pad: [1, 1], ceil: true }, method),
    })),
  ];

  it.each(cases)('$type { $params }', ({ type, params, shape, y }) =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3 }), fc.integer(), async (n, seed) => {
        const own = [n, ...shape.slice(1)];
        const net =
          trainingNet(`${input({ data: own })} ${scaleLayer('data', 'x')} ${layer(type, 'x', params)}
          ${layer('Power', 'y', 'power_param { power: 2 } loss_weight: 0.5', 'z', 'square')}`);
        await checkTraining({
          net,
          inputs: { data: array(random(seed), own) },
          reference(v) {
            const z = map(y(scaled(v.data, v['x.weight'], v['x.bias']), v), (value) => value ** 2);
            return { outputs: { z }, objective: sum(z) / 2 };
          },
          seed,
        });
      }),
      { numRuns: 4 },
    ),
  );
});
