import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ExplainerOptions, type ExplainerRequest, explain } from '../../src/attribution/index.ts';
import { coalitions } from '../../src/attribution/methods/coalitions.ts';
import { drawn } from '../../src/attribution/methods/gradientshap.ts';
import { gridOf } from '../../src/attribution/methods/kernelshap.ts';
import { shapleyValues } from '../../src/attribution/methods/shapley.ts';
import { fillNormal } from '../../src/common/random.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { random } from '../operators/random.ts';
import { constrainedFit, kernel, shapley } from '../reference/attribution/shapley.ts';
import { error, imageOf, images, scoresOf, slopes, smallModel, softmax } from './net.ts';

const model = smallModel();
const input = images(2, 5);
const run = (options: ExplainerOptions & ExplainerRequest) =>
  explain(model, nodeRuntime, input, { session: { threads: 1 }, ...options });

describe('gradient-shap', () => {
  it.each([0, 0.3])('is the mean of its samples, with noise %d', async (noise) => {
    const baselines = images(3, 77);
    const how = { method: 'gradient-shap', samples: 5, seed: 4, noise, baseline: baselines } as const;
    const { relevance, completeness, description } = await run({ ...how, target: 3, batch: 4 });
    expect(description.parameters).toEqual({ samples: 5, baseline: 'given', noise, seed: 4 });
    for (const image of [0, 1]) {
      const x = imageOf(input, image);
      const deviation = noise * (Math.max(...x) - Math.min(...x));
      const expected = new Float64Array(192);
      let away = 0;
      for (let sample = 0; sample < 5; sample++) {
        const { alpha, baseline } = drawn(4, sample, 3);
        const from = imageOf(baselines, baseline);
        const normal = new Float32Array(192);
        fillNormal(normal, 4, 2 * sample + 1);
        const noisy = x.map((value, i) => value + deviation * normal[i]);
        const at = noisy.map((value, i) => from[i] + alpha * (value - from[i]));
        slopes((y) => scoresOf(y)[3], at).forEach((slope, i) => {
          expected[i] += (slope * (noisy[i] - from[i])) / 5;
        });
        away += scoresOf(from)[3] / 5;
      }
      expect(error(imageOf(relevance, image), expected)).toBeLessThan(1e-4);
      expect(completeness![image].difference).toBeCloseTo(scoresOf(x)[3] - away, 4);
      expect(completeness![image].attributed).toBeCloseTo(
        imageOf(relevance, image).reduce((a, b) => a + b, 0),
        4,
      );
    }
  });

  it('draws all of the line and every baseline, the same for the same seed', () => {
    const draws = Array.from({ length: 3000 }, (_, sample) => drawn(1, sample, 3));
    const mean = draws.reduce((sum, { alpha }) => sum + alpha, 0) / 3000;
    // Three standard errors of the mean of 3000 uniform numbers.
    expect(Math.abs(mean - 0.5)).toBeLessThan((3 * Math.sqrt(1 / 12)) / Math.sqrt(3000));
    for (const baseline of [0, 1, 2])
      expect(Math.abs(draws.filter((draw) => draw.baseline === baseline).length - 1000)).toBeLessThan(80);
    expect(drawn(1, 5, 3)).toEqual(draws[5]);
    expect(drawn(2, 5, 3)).not.toEqual(draws[5]);
  });

  it('comes near integrated gradients from the one baseline', async () => {
    const target = [0, 1];
    const many = await run({ method: 'gradient-shap', samples: 600, target, batch: 64 });
    const whole = await run({ method: 'integrated-gradients', steps: 50, target });
    expect(error(many.relevance.data, whole.relevance.data)).toBeLessThan(0.1);
  });
});

describe('coalitions', () => {
  const sizeOf = (members: Uint8Array) => members.reduce((sum, m) => sum + m, 0);

  it('come with their complements, once where all are, and weigh what the kernel says together', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 12 }),
        fc.integer({ min: 0, max: 900 }),
        fc.nat(),
        (players, more, seed) => {
          const samples = Math.min(2 * players, 2 ** players - 2) + more;
          const found = coalitions(players, samples, seed);
          expect(found.length).toBeLessThanOrEqual(samples);
          const key = (members: ArrayLike<number>) => Array.from(members).join('');
          const weights = new Map<string, number>();
          for (const { members, weight } of found) {
            expect(sizeOf(members)).toBeGreaterThan(0);
            expect(sizeOf(members)).toBeLessThan(players);
            weights.set(key(members), (weights.get(key(members)) ?? 0) + weight);
          }
          for (const { members } of found)
            expect(weights.get(key(members.map((m) => 1 - m)))).toBeCloseTo(weights.get(key(members))!, 12);
          let mass = 0;
          for (let size = 1; size < players; size++) mass += (players - 1) / (size * (players - size));
          const total = found.reduce((sum, { weight }) => sum + weight, 0);
          expect(total).toBeLessThanOrEqual(mass + 1e-9);
          if (samples >= 2 ** players - 2) {
            expect(weights.size).toBe(2 ** players - 2);
            for (const { members, weight } of found)
              expect(weight).toBeCloseTo(kernel(players, sizeOf(members)), 12);
          } else if (samples >= 2 * players + 2) expect(total).toBeCloseTo(mass, 9);
        },
      ),
      { numRuns: 80 },
    );
  });

  it('of a drawn size are all equally likely', () => {
    const counts = new Map<string, number>();
    for (let seed = 0; seed < 400; seed++) {
      for (const { members } of coalitions(5, 12, seed).slice(10)) {
        const name = Array.from(members).join('');
        counts.set(name, (counts.get(name) ?? 0) + 1);
      }
    }
    // Sizes 2 and 3 of 5 players: 20 coalitions, 800 draws in pairs.
    expect(counts.size).toBe(20);
    for (const count of counts.values()) expect(Math.abs(count - 40)).toBeLessThan(28);
  });
});

describe('the regression', () => {
  it('is that of the literal conditions, and adds up', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.nat(300), fc.nat(), (players, more, seed) => {
        const list = coalitions(players, Math.min(2 * players, 2 ** players - 2) + more, seed);
        const next = random(seed);
        const values = list.map(() => 4 * next() - 2);
        const total = next();
        const found = shapleyValues(players, list, values, total);
        const expected = constrainedFit(players, list, values, total);
        found.forEach((share, i) => {
          expect(share).toBeCloseTo(expected[i], 8);
        });
        expect(found.reduce((a, b) => a + b, 0)).toBeCloseTo(total, 10);
      }),
      { numRuns: 40 },
    );
  });

  it('gives the one player all', () => {
    expect(coalitions(1, 1000, 0)).toEqual([]);
    expect(Array.from(shapleyValues(1, [], [], 3))).toEqual([3]);
  });
});

describe('kernel-shap', () => {
  /** Shapley values of the squares of an image, by definition. */
  const squares = (image: number, window: number, of: 'score' | 'probability', fill: number) => {
    const x = imageOf(input, image);
    const across = Math.round(8 / window);
    const nth = (place: number) => Math.floor((place * across) / 8);
    const squareOf = (i: number) => nth(Math.floor((i % 64) / 8)) * across + nth(i % 8);
    const v = (members: readonly number[]) => {
      const seen = x.map((value, i) => (members[squareOf(i)] ? value : fill));
      return (of === 'score' ? scoresOf(seen) : softmax(scoresOf(seen)))[1];
    };
    const shares = shapley(across * across, v);
    const sizes = shares.map(
      (_, k) => Array.from({ length: 64 }, (_, i) => i).filter((i) => squareOf(i) === k).length,
    );
    return Float64Array.from({ length: 192 }, (_, i) => shares[squareOf(i)] / sizes[squareOf(i)] / 3);
  };

  it.each([
    { of: 'score', fill: 'zero' },
    { of: 'probability', fill: 0.5 },
  ] as const)('is exact where all coalitions of squares are tried: the $of', async ({ of, fill }) => {
    const { relevance, description } = await run({
      method: 'kernel-shap',
      window: 4,
      of,
      fill,
      target: 1,
      batch: 5,
    });
    expect(description.parameters).toEqual({ samples: 14, window: '4×4', fill, of, seed: 0 });
    for (const image of [0, 1]) {
      const expected = squares(image, 4, of, fill === 'zero' ? 0 : fill);
      expect(error(imageOf(relevance, image), expected)).toBeLessThan(1e-4);
    }
  });

  it('cuts the picture evenly, whatever the window', () => {
    const size = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(size, size, fc.nat(39), fc.nat(39), (height, width, tall, wide) => {
        const window = [1 + (tall % height), 1 + (wide % width)] as const;
        const { squares, squareOf, sizes } = gridOf(height, width, window);
        const sides = (square: number) => {
          const pixels = Array.from({ length: height * width }, (_, i) => i).filter(
            (i) => squareOf[i] === square,
          );
          const [rows, columns] = [
            new Set(pixels.map((i) => Math.floor(i / width))),
            new Set(pixels.map((i) => i % width)),
          ];
          expect(sizes[square]).toBe(pixels.length);
          expect(rows.size * columns.size).toBe(pixels.length);
          return [rows.size, columns.size];
        };
        const all = Array.from({ length: squares }, (_, square) => sides(square));
        for (const axis of [0, 1]) {
          const lengths = all.map((each) => each[axis]);
          expect(Math.max(...lengths) - Math.min(...lengths)).toBeLessThanOrEqual(1);
          // Nearer the window than half as much again, and than half of it less.
          expect(Math.max(...lengths)).toBeLessThanOrEqual(Math.ceil(window[axis] * 1.5));
          expect(Math.min(...lengths)).toBeGreaterThanOrEqual(Math.floor(window[axis] / 1.5));
        }
      }),
      { numRuns: 60 },
    );
  });

  it('adds up to the difference of the scores however few are tried, and comes nearer with more', async () => {
    const errors: number[] = [];
    for (const samples of [18, 120, 400]) {
      const options = { method: 'kernel-shap', window: 3, samples, target: 1, batch: 64 } as const;
      const { relevance, completeness } = await run(options);
      const expected = squares(0, 3, 'score', 0);
      const difference = scoresOf(imageOf(input, 0))[1] - scoresOf(new Float32Array(192))[1];
      expect(completeness![0].difference).toBeCloseTo(difference, 4);
      expect(completeness![0].attributed).toBeCloseTo(completeness![0].difference, 8);
      expect(imageOf(relevance, 0).reduce((a, b) => a + b, 0)).toBeCloseTo(difference, 4);
      errors.push(error(imageOf(relevance, 0), expected));
    }
    expect(errors[2]).toBeLessThan(errors[0]);
    expect(errors[2]).toBeLessThan(0.05);
  });

  it('says how many samples squares need', async () => {
    await expect(run({ method: 'kernel-shap', window: 2, samples: 31 })).rejects.toThrow(
      'samples: 31 cannot tell 16 squares apart; give 32 or more, or a larger window',
    );
  });
});
