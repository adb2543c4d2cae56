import fc from 'fast-check';
import { describe, it } from 'vitest';
import { array, random } from '../operators/random.ts';
import { at, build, map, type NdArray } from '../reference/array.ts';
import { concat, cropped, innerProduct, interpolated, reduction } from '../reference/caffe/movement.ts';
import { mvn, normalize } from '../reference/caffe/normalisation.ts';
import { caffePooling } from '../reference/caffe/pooling.ts';
import { checkTraining, input, scaled, scaleLayer, sum } from './check.ts';
import { trainingNet } from './pass.ts';

/** A layer between a Scale and the sum of its squares: its function in float64, which may have a weight. */
interface Case {
  readonly type: string;
  readonly params?: string;
  /** Bottoms besides x, which the data bring. */
  readonly others?: readonly (readonly number[])[];
  /** x before the others unless false. */
  readonly first?: boolean;
  readonly f: (x: NdArray, others: readonly NdArray[], weight: NdArray | undefined) => NdArray;
  readonly weight?: string;
}

const shape = [2, 4, 3, 5];
const upTo = (...sizes: number[]) => sizes;
const cases: readonly Case[] = [
  {
    type: 'Axpy',
    others: [upTo(2, 4), shape],
    first: false,
    f: (x, [a, z]) => build(shape, (i) => a.data[i[0] * 4 + i[1]] * at(x, i) + at(z, i)),
  },
  {
    type: 'ShuffleChannel',
    params: 'shuffle_channel_param { group: 2 }',
    f: (x) => build(shape, (i) => at(x, i.with(1, (i[1] % 2) * 2 + Math.floor(i[1] / 2)))),
  },
  {
    type: 'Permute',
    params: 'permute_param { order: 0 order: 3 order: 1 }',
    f: (x) => build([2, 5, 4, 3], ([n, w, c, h]) => at(x, [n, c, h, w])),
  },
  ...[true, false].map((across) => ({
    type: 'Normalize',
    params: `norm_param { across_spatial: ${across} channel_shared: ${across} eps: 0.01 }`,
    weight: 'y.scale',
    f: (x: NdArray, _: readonly NdArray[], weight: NdArray | undefined) =>
      normalize(x, weight!, across, 0.01),
  })),
  ...[true, false].map((across) => ({
    type: 'MVN',
    params: `mvn_param { across_channels: ${across} eps: 0.01 }`,
    f: (x: NdArray) => mvn(x, true, across, 0.01),
  })),
  { type: 'Tile', params: 'tile_param { axis: 2 tiles: 3 }', f: (x) => concat([x, x, x], 2) },
  {
    type: 'Crop',
    params: 'crop_param { axis: 2 offset: 1 offset: 2 }',
    others: [[2, 4, 2, 2]],
    f: (x) => build([2, 4, 2, 2], ([n, c, h, w]) => at(x, [n, c, h + 1, w + 2])),
  },
  ...(['ASUM', 'SUMSQ'] as const).map((operation) => ({
    type: 'Reduction',
    params: `reduction_param { operation: ${operation} axis: 2 coeff: 0.5 }`,
    f: (x: NdArray) => reduction(x, 2, operation, 0.5),
  })),
  { type: 'BNLL', f: (x) => map(x, (v) => Math.log(1 + Math.exp(v))) },
  {
    type: 'Interp',
    params: 'interp_param { height: 5 width: 3 pad_end: -1 }',
    f: (x) => interpolated(cropped(x, 2, [0, 0], [2, 4]), [5, 3]),
  },
  {
    type: 'SPP',
    params: 'spp_param { pyramid_height: 2 pool: AVE }',
    f: (x) => {
      const pooled = ([h, w]: readonly number[], pad: [number, number]) =>
        caffePooling(x, { kernel: [h, w], stride: [h, w], pad, ceil: true }, 'AVE');
      const levels = [pooled([3, 5], [0, 0]), pooled([2, 3], [1, 1])];
      return concat(
        levels.map(({ data }) => ({ shape: [2, data.length / 2], data })),
        1,
      );
    },
  },
  ...[true, false].map((transpose) => ({
    type: 'InnerProduct',
    params: `inner_product_param { num_output: 3 axis: 2 bias_term: false transpose: ${transpose} }`,
    weight: 'y.weight',
    f: (x: NdArray, _: readonly NdArray[], weight: NdArray | undefined) => ({
      shape: [2, 4, 3],
      data: innerProduct({ shape: [8, 15], data: x.data }, weight!, undefined, transpose).data,
    }),
  })),
];

describe('gradients of layers that few definitions have', () => {
  it.each(cases.map((c) => [`${c.type} ${c.params ?? ''}`, c] as const))('%s', async (_, c) => {
    const others = c.others ?? [];
    const names = others.map((_, i) => `other${i}`);
    const bottoms = c.first === false ? [names[0], 'x', ...names.slice(1)] : ['x', ...names];
    const inputs: Record<string, readonly number[]> = Object.fromEntries([
      ['data', shape],
      ...names.map((name, i) => [name, others[i]]),
    ]);
    const text = `${input(inputs)} ${scaleLayer('data', 'x')}
      layer { name: "y" type: "${c.type}" ${bottoms.map((name) => `bottom: "${name}"`).join(' ')} top: "y" ${c.params ?? ''} }
      ${scaleLayer('y', 'z')}
      layer { name: "square" type: "Power" bottom: "z" top: "square" power_param { power: 2 } loss_weight: 1 }`;
    await fc.assert(
      fc.asyncProperty(fc.nat(1e6), async (seed) => {
        const next = random(seed);
        await checkTraining({
          net: trainingNet(text),
          inputs: Object.fromEntries(Object.entries(inputs).map(([name, dims]) => [name, array(next, dims)])),
          reference(v) {
            const x = scaled(v.data, v['x.weight'], v['x.bias']);
            const y = c.f(
              x,
              names.map((name) => v[name]),
              c.weight ? v[c.weight] : undefined,
            );
            const z = y.shape.length > 1 ? scaled(y, v['z.weight'], v['z.bias']) : y;
            const square = map(z, (value) => value ** 2);
            return { outputs: { square }, objective: sum(square) };
          },
          seed,
        });
      }),
      { numRuns: 5 },
    );
  });
});
