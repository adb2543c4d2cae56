import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import {
  FillerParameterSchema,
  FillerParameter_VarianceNorm as VarianceNorm,
} from '../../../src/caffe/index.ts';
import { fill, streamOf } from '../../../src/training/fillers/index.ts';

const fillOf = (
  shape: number[],
  filler: MessageInitShape<typeof FillerParameterSchema>,
  seed = 1,
  stream = streamOf('conv1', 0),
) => fill(shape, create(FillerParameterSchema, filler), seed, stream, "net: layer 'conv1': blob 0");

/** Whether a mean of n draws lies within five standard errors of what it should be. */
const around = (values: Float32Array, f: (x: number) => number, expected: number, std: number) => {
  const mean = values.reduce((sum, x) => sum + f(x), 0) / values.length;
  expect(Math.abs(mean - expected)).toBeLessThan((5 * std) / Math.sqrt(values.length));
};

const square = (x: number) => x * x;

function expectUniform(values: Float32Array, low: number, high: number): void {
  const [middle, half] = [(low + high) / 2, (high - low) / 2];
  for (const value of values) expect(value >= Math.fround(low) && value <= Math.fround(high)).toBe(true);
  around(values, (x) => (x - middle) / half, 0, Math.sqrt(1 / 3));
  around(values, (x) => square((x - middle) / half), 1 / 3, Math.sqrt(4 / 45));
  // Both ends are reached: the chance that none of n comes within 20/n of the range is e⁻²⁰.
  const gap = (20 * (high - low)) / values.length;
  expect(Math.min(...values)).toBeLessThan(low + gap);
  expect(Math.max(...values)).toBeGreaterThan(high - gap);
}

function expectNormal(values: Float32Array, mean: number, std: number): void {
  around(values, (x) => (x - mean) / std, 0, 1);
  around(values, (x) => square((x - mean) / std), 1, Math.SQRT2);
  around(values, (x) => ((x - mean) / std) ** 4, 3, Math.sqrt(96));
}

it('fills with zeros where there is no filler, and with a constant', () => {
  expect(fill([2, 3], undefined, 1, 2, 'x')).toEqual(new Float32Array(6));
  expect(fillOf([3], {})).toEqual(new Float32Array(3));
  expect(fillOf([2, 2], { value: 0.2 })).toEqual(new Float32Array(4).fill(0.2));
});

it('draws uniform and normal numbers', () => {
  expectUniform(fillOf([30, 700], { type: 'uniform' }), 0, 1);
  expectUniform(fillOf([30, 700], { type: 'uniform', min: -3, max: 0.5 }), -3, 0.5);
  expect(fillOf([5], { type: 'uniform', min: 2, max: 2 })).toEqual(new Float32Array(5).fill(2));
  expectNormal(fillOf([30, 701], { type: 'gaussian' }), 0, 1);
  expectNormal(fillOf([30, 701], { type: 'gaussian', mean: 3, std: 0.01 }), 3, 0.01);
});

describe('variance scaling', () => {
  // 40 outputs of 24·5·5 inputs; an input goes into 40·5·5 outputs.
  const conv = [40, 24, 5, 5];
  const fans = [
    [VarianceNorm.FAN_IN, 600],
    [VarianceNorm.FAN_OUT, 1000],
    [VarianceNorm.AVERAGE, 800],
  ] as const;
  it.each(fans)('counts connections as Caffe: %s', (varianceNorm, n) => {
    const limit = Math.sqrt(3 / n);
    expectUniform(fillOf(conv, { type: 'xavier', varianceNorm }), -limit, limit);
    expectNormal(fillOf(conv, { type: 'msra', varianceNorm }), 0, Math.sqrt(2 / n));
  });

  it('does so for a blob with one axis', () => {
    expectUniform(fillOf([9000], { type: 'xavier' }), -Math.sqrt(3), Math.sqrt(3));
    const limit = Math.sqrt(3 / 9000);
    expectUniform(fillOf([9000], { type: 'xavier', varianceNorm: VarianceNorm.FAN_OUT }), -limit, limit);
  });
});

it('leaves about `sparse` weights for each input', () => {
  const [outputs, inputs, sparse] = [200, 300, 15];
  const dense = fillOf([outputs, inputs], { type: 'gaussian', std: 2 });
  const thin = fillOf([outputs, inputs], { type: 'gaussian', std: 2, sparse });
  const left = thin.filter((x) => x !== 0);
  const share = sparse / outputs;
  const spread = Math.sqrt(outputs * inputs * share * (1 - share));
  expect(Math.abs(left.length - inputs * sparse)).toBeLessThan(5 * spread);
  expectNormal(left, 0, 2);
  for (const [i, x] of thin.entries()) expect(x === 0 || x === dense[i]).toBe(true);
  expect(fillOf([10, 50], { type: 'gaussian', sparse: 0 })).toEqual(new Float32Array(500));
  expect(fillOf([10, 50], { type: 'gaussian', sparse: 10 })).toEqual(fillOf([10, 50], { type: 'gaussian' }));
});

it('makes rows of positive numbers that add up to 1', () => {
  const values = fillOf([20, 3, 7], { type: 'positive_unitball' });
  for (let row = 0; row < 20; row++) {
    const numbers = values.subarray(row * 21, row * 21 + 21);
    for (const x of numbers) expect(x).toBeGreaterThan(0);
    expect(numbers.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 5);
  }
});

describe('bilinear', () => {
  it.each([
    [2, [0.5, 0.5]],
    [3, [0.5, 1, 0.5]],
    [4, [0.25, 0.75, 0.75, 0.25]],
  ])('kernel %i', (n, line) => {
    const values = fillOf([2, 3, n, n], { type: 'bilinear' });
    const half = Math.ceil(n / 2);
    const centre = (n - 1) / (2 * half);
    for (const [i, value] of values.entries()) {
      const [y, x] = [Math.floor(i / n) % n, i % n];
      const expected = (1 - Math.abs(x / half - centre)) * (1 - Math.abs(y / half - centre));
      expect(value).toBeCloseTo(expected, 6);
      expect(value).toBeCloseTo(line[x] * line[y], 6);
    }
  });

  it('refuses other shapes', () => {
    for (const shape of [
      [4, 4],
      [1, 1, 4, 3],
    ]) {
      expect(() => fillOf(shape, { type: 'bilinear' })).toThrow(
        `a bilinear filler needs four axes and a square kernel, this is [${shape}]`,
      );
    }
  });
});

it('gives a blob the same values whatever else there is, and every blob its own', () => {
  for (const type of ['uniform', 'gaussian', 'xavier', 'msra', 'positive_unitball']) {
    const of = (seed: number, layer: string, blob: number) =>
      fillOf([50, 7], { type }, seed, streamOf(layer, blob));
    const first = of(5, 'conv1', 0);
    expect(of(5, 'conv1', 0)).toEqual(first);
    for (const other of [of(6, 'conv1', 0), of(5, 'conv2', 0), of(5, 'conv1', 1)]) {
      expect(other.filter((x, i) => x === first[i]).length).toBeLessThan(3);
    }
  }
});

describe('errors', () => {
  const where = "net: layer 'conv1': blob 0: ";
  it.each([
    [{ type: 'gausian' }, `${where}unknown filler 'gausian'; did you mean gaussian?`],
    [{ type: 'toString' }, `${where}unknown filler 'toString'; known: constant, uniform,`],
    [{ type: 'gaussian', std: 0 }, `${where}a filler's std is 0; give one above 0, or a constant filler`],
    [{ type: 'uniform', min: 2 }, `${where}a filler's min 2 is above its max 1; exchange them`],
    [{ type: 'gaussian', sparse: 5 }, `${where}a filler's sparse is 5, the layer has 4 outputs`],
    [{ type: 'gaussian', sparse: -2 }, `${where}a filler's sparse is -2, the layer has 4 outputs`],
    [{ type: 'xavier', sparse: 2 }, `${where}a filler of type xavier cannot be sparse; only gaussian can`],
  ])('%o', (filler, message) => {
    expect(() => fillOf([4, 2], filler)).toThrow(message);
  });
});
