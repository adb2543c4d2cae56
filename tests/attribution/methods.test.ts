import { describe, expect, it } from 'vitest';
import { type ExplainerOptions, type ExplainerRequest, explain } from '../../src/attribution/index.ts';
import { gaussLegendre, midpoint } from '../../src/attribution/methods/quadrature.ts';
import { fillNormal } from '../../src/common/random.ts';
import { float32 } from '../../src/graph/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import {
  constant,
  error,
  featureMaps,
  imageOf,
  images,
  inputShape,
  scoresFrom,
  scoresOf,
  slopes,
  smallModel,
  softmax,
} from './net.ts';

const model = smallModel();
const input = images(2, 5);
const session = { threads: 1 };
const run = (options: ExplainerOptions & ExplainerRequest) =>
  explain(model, nodeRuntime, input, { session, ...options });
const score = (k: number) => (x: ArrayLike<number>) => scoresOf(x)[k];
const best = (image: number) => {
  const scores = scoresOf(imageOf(input, image));
  return scores.indexOf(Math.max(...scores));
};

describe('gradients, against finite differences', () => {
  it('of the predicted class of every image', async () => {
    const { scores, output, relevance, targets } = await run({ method: 'gradient' });
    for (const image of [0, 1]) {
      const x = imageOf(input, image);
      expect(error(imageOf(scores, image), scoresOf(x))).toBeLessThan(1e-5);
      expect(error(imageOf(output, image), softmax(scoresOf(x)))).toBeLessThan(1e-5);
      expect(targets[image]).toEqual({ classes: [best(image)], against: [] });
      expect(error(imageOf(relevance, image), slopes(score(best(image)), x))).toBeLessThan(1e-4);
    }
    expect(relevance.shape).toEqual([2, ...inputShape]);
  });

  it('of sums, contrasts and a class for each image', async () => {
    const { relevance, targets } = await run({
      method: 'gradient',
      target: [
        { classes: [0, 'dog'], against: ['tiger cat'] },
        { classes: ['predicted'], against: [0, 1] },
      ],
    });
    expect(targets[0]).toEqual({ classes: [0, 3], against: [1] });
    expect(targets[1]).toEqual({ classes: [best(1)], against: [0, 1] });
    // A class on both sides counts for nothing.
    const weights = [[1, -1, 0, 1], [0, 1, 2, 3].map((k) => (k === best(1) ? 1 : 0) - (k < 2 ? 1 : 0))];
    weights.forEach((row, image) => {
      const f = (x: ArrayLike<number>) => scoresOf(x).reduce((sum, value, k) => sum + row[k] * value, 0);
      expect(error(imageOf(relevance, image), slopes(f, imageOf(input, image)))).toBeLessThan(1e-4);
    });
  });

  it('scaled by the score or the probability', async () => {
    const one = await run({ method: 'gradient', target: 2 });
    for (const start of ['score', 'probability'] as const) {
      const scaled = await run({ method: 'gradient', target: 2, start });
      const scores = scoresOf(imageOf(input, 0));
      const factor = (start === 'score' ? scores : softmax(scores))[2];
      expect(
        error(
          imageOf(scaled.relevance, 0),
          imageOf(one.relevance, 0).map((r) => r * factor),
        ),
      ).toBeLessThan(1e-5);
    }
  });

  it('at layers, and times the values there', async () => {
    const plain = await run({ method: 'gradient', target: 1, at: ['relu2'] });
    const times = await run({ method: 'gradient-x-input', target: 1, at: ['relu2', 'pool1'] });
    const x = imageOf(input, 1);
    const maps = featureMaps(x);
    const expected = slopes((data) => scoresFrom(data)[1], maps);
    expect(plain.layers.relu2.shape).toEqual([2, 5, 4, 4]);
    expect(error(imageOf(plain.layers.relu2, 1), expected)).toBeLessThan(1e-5);
    expect(
      error(
        imageOf(times.layers.relu2, 1),
        expected.map((slope, i) => slope * maps[i]),
      ),
    ).toBeLessThan(1e-5);
    const slope = slopes(score(1), x);
    expect(
      error(
        imageOf(times.relevance, 1),
        slope.map((value, i) => value * x[i]),
      ),
    ).toBeLessThan(1e-4);
    expect(times.layers.pool1.shape).toEqual([2, 4, 4, 4]);
  });
});

describe('smoothgrad', () => {
  const noisy = { method: 'smoothgrad', samples: 3, noise: 0.2, seed: 9 } as const;

  it('is the mean of the gradients at the noisy inputs', async () => {
    const { relevance } = await run({ ...noisy, target: 3, batch: 4 });
    for (const image of [0, 1]) {
      const x = imageOf(input, image);
      const deviation = 0.2 * (Math.max(...x) - Math.min(...x));
      const normal = new Float32Array(x.length);
      const mean = new Float64Array(x.length);
      for (let sample = 0; sample < 3; sample++) {
        fillNormal(normal, 9, sample);
        const at = x.map((value, i) => value + deviation * normal[i]);
        slopes(score(3), at).forEach((slope, i) => {
          mean[i] += slope / 3;
        });
      }
      expect(error(imageOf(relevance, image), mean)).toBeLessThan(1e-4);
    }
  });

  it('is the same for the same seed, bit by bit, and not for another', async () => {
    const [first, again, other] = [
      await run({ ...noisy, at: ['pool1'] }),
      await run({ ...noisy, at: ['pool1'] }),
      await run({ ...noisy, at: ['pool1'], seed: 10 }),
    ];
    expect(again.relevance).toEqual(first.relevance);
    expect(again.layers).toEqual(first.layers);
    expect(other.relevance).not.toEqual(first.relevance);
    expect(first.description.parameters).toEqual({ samples: 3, noise: 0.2, seed: 9, start: 'one' });
  });

  it('is the gradient without noise, also at layers', async () => {
    const smooth = await run({ ...noisy, noise: 0, at: ['pool1'] });
    const plain = await run({ method: 'gradient', at: ['pool1'] });
    expect(error(smooth.relevance.data, plain.relevance.data)).toBeLessThan(1e-6);
    expect(error(smooth.layers.pool1.data, plain.layers.pool1.data)).toBeLessThan(1e-6);
  });
});

describe('integrated gradients', () => {
  it.each(['gauss-legendre', 'midpoint'] as const)(
    'are the sum of their definition by the %s rule',
    async (rule) => {
      const baseline = constant(0.25);
      const { relevance } = await run({
        method: 'integrated-gradients',
        steps: 3,
        rule,
        baseline,
        target: 0,
      });
      const { points, weights } = rule === 'midpoint' ? midpoint(3) : gaussLegendre(3);
      const x = imageOf(input, 1);
      const expected = new Float64Array(x.length);
      points.forEach((point, k) => {
        const at = x.map((value) => 0.25 + point * (value - 0.25));
        slopes(score(0), at).forEach((slope, i) => {
          expected[i] += weights[k] * slope * (x[i] - 0.25);
        });
      });
      expect(error(imageOf(relevance, 1), expected)).toBeLessThan(1e-4);
    },
  );

  it('add up to the difference of the scores', async () => {
    const target = [{ classes: [1], against: [2] }, 3];
    const { relevance, completeness } = await run({
      method: 'integrated-gradients',
      steps: 400,
      rule: 'midpoint',
      baseline: 0.5,
      target,
    });
    const away = scoresOf(constant(0.5).data);
    const differences = [0, 1].map((image) => {
      const scores = scoresOf(imageOf(input, image));
      const rise = scores.map((value, k) => value - away[k]);
      return image === 0 ? rise[1] - rise[2] : rise[3];
    });
    completeness!.forEach(({ attributed, difference }, image) => {
      expect(difference).toBeCloseTo(differences[image], 4);
      expect(attributed).toBeCloseTo(
        imageOf(relevance, image).reduce((a, b) => a + b, 0),
        4,
      );
      expect(Math.abs(attributed - difference)).toBeLessThan(0.01 * Math.abs(difference) + 0.005);
    });
  });

  it('start from the colours of photos', async () => {
    const preprocessing = { channels: 'bgr', mean: [100, 110, 120], scale: 0.01 } as const;
    const small = smallModel({ preprocessing });
    for (const [baseline, level] of [
      ['black', 0],
      ['gray', 127.5],
      ['white', 255],
    ] as const) {
      const { completeness } = await explain(small, nodeRuntime, input, {
        method: 'integrated-gradients',
        baseline,
        steps: 1,
        target: 2,
      });
      const colour = Float64Array.from(
        { length: 192 },
        (_, i) => (level - [100, 110, 120][Math.floor(i / 64)]) * 0.01,
      );
      const expected = scoresOf(imageOf(input, 0))[2] - scoresOf(colour)[2];
      expect(completeness![0].difference).toBeCloseTo(expected, 4);
    }
  });
});

describe('quadrature', () => {
  it('by Gauss and Legendre is exact for polynomials up to degree 2n − 1', () => {
    for (const n of [1, 2, 5, 20, 50]) {
      const { points, weights } = gaussLegendre(n);
      for (const degree of [0, 1, 2 * n - 2, 2 * n - 1]) {
        const sum = points.reduce((total, point, i) => total + weights[i] * point ** degree, 0);
        expect(Math.abs(sum - 1 / (degree + 1))).toBeLessThan(1e-13);
      }
      expect(points.every((point, i) => point > (points[i - 1] ?? 0) && point < 1)).toBe(true);
    }
  });
});

describe('occlusion, by brute force', () => {
  it.each([
    { of: 'score', window: 3, stride: 2, fill: 0.5 },
    { of: 'probability', window: [2, 5], stride: [2, 3], fill: 'zero' },
  ] as const)('drop of the $of', async ({ of, window, stride, fill }) => {
    const { relevance, targets } = await run({ method: 'occlusion', of, window, stride, fill, batch: 5 });
    const [height, width] = typeof window === 'number' ? [window, window] : window;
    const tops = typeof window === 'number' ? [0, 2, 4, 5] : [0, 2, 4, 6];
    const lefts = typeof window === 'number' ? [0, 2, 4, 5] : [0, 3];
    for (const image of [0, 1]) {
      const x = imageOf(input, image);
      const k = targets[image].classes[0];
      const f = (y: ArrayLike<number>) => (of === 'score' ? scoresOf(y) : softmax(scoresOf(y)))[k];
      const sums = new Float64Array(64);
      const covers = new Float64Array(64);
      for (const top of tops) {
        for (const left of lefts) {
          const inside = (cell: number) => {
            const [row, column] = [Math.floor(cell / 8), cell % 8];
            return row >= top && row < top + height && column >= left && column < left + width;
          };
          const covered = x.map((value, i) => (inside(i % 64) ? (fill === 'zero' ? 0 : fill) : value));
          const drop = f(x) - f(covered);
          for (let cell = 0; cell < 64; cell++) {
            if (!inside(cell)) continue;
            sums[cell] += drop;
            covers[cell]++;
          }
        }
      }
      expect(Math.min(...covers)).toBeGreaterThan(0);
      const expected = Float64Array.from({ length: 192 }, (_, i) => sums[i % 64] / covers[i % 64] / 3);
      expect(error(imageOf(relevance, image), expected)).toBeLessThan(1e-4);
    }
  });
});

describe('grad-cam', () => {
  it('is the positive part of the weighted feature maps, enlarged bilinearly', async () => {
    const { relevance, description } = await run({ method: 'grad-cam', target: 1 });
    expect(description.parameters).toEqual({ layer: 'relu2' });
    let positive = 0;
    for (const image of [0, 1]) {
      const maps = featureMaps(imageOf(input, image));
      const slope = slopes((data) => scoresFrom(data)[1], maps);
      const cam = Float64Array.from({ length: 16 }, (_, cell) => {
        let sum = 0;
        for (let k = 0; k < 5; k++) {
          const mean = slope.subarray(k * 16, (k + 1) * 16).reduce((a, b) => a + b) / 16;
          sum += mean * maps[k * 16 + cell];
        }
        return Math.max(0, sum);
      });
      positive += cam.reduce((a, b) => a + b);
      // 4 → 8: positions 0.25, 0.75 between neighbours, borders repeated.
      const place = (i: number) => Math.min(3, Math.max(0, (i + 0.5) / 2 - 0.5));
      const expected = Float64Array.from({ length: 192 }, (_, i) => {
        const [y, x] = [place(Math.floor((i % 64) / 8)), place(i % 8)];
        let value = 0;
        for (let row = 0; row < 4; row++) {
          for (let column = 0; column < 4; column++) {
            const near = Math.max(0, 1 - Math.abs(y - row)) * Math.max(0, 1 - Math.abs(x - column));
            value += near * cam[row * 4 + column];
          }
        }
        return value / 3;
      });
      expect(Math.max(...imageOf(relevance, image).map((r, i) => Math.abs(r - expected[i])))).toBeLessThan(
        1e-4,
      );
    }
    expect(positive).toBeGreaterThan(0.1);
  });
});

describe('excitation backprop', () => {
  it('hands on all of what it starts with where inputs are not negative', async () => {
    const positive = float32([1, ...inputShape], imageOf(input, 0).map(Math.abs));
    const { relevance, layers, description } = await explain(model, nodeRuntime, positive, {
      method: 'excitation-backprop',
      at: ['pool1'],
    });
    expect(relevance.data.every((r) => r >= 0)).toBe(true);
    expect(relevance.data.reduce((a, b) => a + b)).toBeCloseTo(1, 4);
    expect(layers.pool1.data.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 4);
    expect(description.parameters).toEqual({ start: 'one' });
  });
});
