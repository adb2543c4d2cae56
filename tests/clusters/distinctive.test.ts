import { describe, expect, it } from 'vitest';
import { differingPixels } from '../../src/clusters/index.ts';
import { addVector, noVectors } from '../../src/common/moments.ts';
import { fillUniform } from '../../src/common/random.ts';
import { studentTwoSided } from '../../src/evaluation/statistics/student.ts';

const uniform = (length: number, seed: number, low: number, high: number): Float32Array => {
  const values = new Float32Array(length);
  fillUniform(values, seed, 0, low, high);
  return values;
};

const momentsOf = (pictures: readonly Float32Array[]) => {
  const moments = noVectors(pictures[0].length);
  for (const picture of pictures) addVector(moments, picture);
  return moments;
};

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const variance = (values: readonly number[]) =>
  values.reduce((sum, value) => sum + (value - mean(values)) ** 2, 0) / (values.length - 1);

/** Cohen's d of two samples, by its definition. */
const effect = (a: readonly number[], b: readonly number[]): number =>
  Math.abs(mean(a) - mean(b)) / Math.sqrt((variance(a) + variance(b)) / 2);

/** Welch's test, by its definition. */
function welch(a: readonly number[], b: readonly number[]): number {
  const [u, v] = [variance(a) / a.length, variance(b) / b.length];
  const freedom = (u + v) ** 2 / (u ** 2 / (a.length - 1) + v ** 2 / (b.length - 1));
  return integrated((mean(a) - mean(b)) / Math.sqrt(u + v), freedom);
}

/** The two-sided p-value of Student's t: its density integrated over the angle of which t is √freedom times the tangent. */
function integrated(t: number, freedom: number): number {
  const from = Math.atan(Math.abs(t) / Math.sqrt(freedom));
  const area = (low: number) => {
    const [steps, high] = [20000, Math.PI / 2];
    const width = (high - low) / steps;
    let sum = 0;
    for (let i = 0; i < steps; i++) sum += Math.cos(low + (i + 0.5) * width) ** (freedom - 1) * width;
    return sum;
  };
  return area(from) / area(0);
}

it('Student’s p-value is near that of its density, and not below it', () => {
  for (const freedom of [3, 4.7, 8, 14.2, 30, 100])
    for (const t of [0.3, 1, 2, 3.5, 6]) {
      const ratio = studentTwoSided(t, freedom) / integrated(t, freedom);
      expect(ratio).toBeGreaterThan(0.99);
      expect(ratio).toBeLessThan(freedom < 8 ? 1.6 : 1.2);
    }
});

describe('where pictures of a cluster differ from others', () => {
  it.each([
    [1, 3, 4, 5, 7, 1.1],
    [2, 1, 6, 3, 12, 1.1],
    [3, 3, 5, 5, 30, 0.6],
  ])(
    'is where a channel is a pooled deviation apart, beyond chance (seed %i)',
    (seed, channels, height, width, count, by) => {
      const pixels = height * width;
      const pictures = (from: number, shift: number) =>
        Array.from({ length: count }, (_, i) =>
          uniform(channels * pixels, seed * 1000 + from + i, -1, 1).map((value, at) =>
            at % 3 === 0 ? value + shift : value,
          ),
        );
      // A shift of two deviations or so: some pixels are beyond chance and some are not.
      const [own, rest] = [pictures(0, by), pictures(500, 0)];
      const expected = Array.from({ length: pixels }, (_, i) =>
        Array.from({ length: channels }, (_, c) => c * pixels + i).some((at) => {
          const [a, b] = [own, rest].map((pictures) => pictures.map((picture) => picture[at]));
          return effect(a, b) >= 1 && welch(a, b) < 0.05 / (channels * pixels);
        })
          ? 1
          : 0,
      );
      expect([...differingPixels(momentsOf(own), momentsOf(rest), pixels)]).toEqual(expected);
      expect(expected).toContain(0);
      expect(expected).toContain(1);
    },
  );

  it('is where ink is the same in all of them, and nowhere where all pictures are the same', () => {
    const picture = (ink: number) => Float32Array.from([0, 5, ink, 9]);
    const [plain, inked] = [
      momentsOf(Array.from({ length: 5 }, () => picture(3))),
      momentsOf(Array.from({ length: 5 }, () => picture(8))),
    ];
    expect([...differingPixels(inked, plain, 4)]).toEqual([0, 0, 1, 0]);
    expect([...differingPixels(plain, plain, 4)]).toEqual([0, 0, 0, 0]);
  });
});
