import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillNormal, nameHash } from '../../src/common/random.ts';
import {
  type AnalysisOptions,
  analyse,
  drawSubsets,
  type NetworkPhoto,
  questionsPerPhoto,
  type Replacement,
  replaced,
  replacements,
  squares,
  subsetShares,
} from '../../src/faithfulness/index.ts';
import { noise } from '../nets.ts';
import * as literal from '../reference/faithfulness.ts';

/* What is asked about a photo, and what follows from the answers, against curves and subsets taken one by one. */

type Shape = readonly [channels: number, height: number, width: number];

const near = (a: number, b: number, within: number): void => {
  if (Number.isNaN(b)) expect(a).toBeNaN();
  else expect(Math.abs(a - b), `${a} for ${b}`).toBeLessThanOrEqual(within * (1 + Math.abs(b)));
};

const listOf = (n: number, seed: number) => Array.from(noise([n], seed).data);

/** A network of no class that limn has: not linear, and every number of the photo counts. */
function networkOf(size: number, seed: number) {
  const [a, b] = [listOf(size, seed), listOf(size, seed + 1)];
  return (x: ArrayLike<number>): number => {
    const of = (weights: readonly number[]) => weights.reduce((sum, weight, i) => sum + weight * x[i], 0);
    return Math.tanh(of(a)) + 0.1 * of(b) ** 2;
  };
}

/** A photo whose pixels of `removed` regions are replaced, as the papers say it. */
function replacedLiterally(
  photo: NetworkPhoto,
  shape: Shape,
  side: number,
  replacement: Replacement,
  removed: readonly number[],
  seed: number,
): number[] {
  const [channels, height, width] = shape;
  const plane = height * width;
  const channelsOf = Array.from({ length: channels }, (_, c) =>
    Array.from(photo.data.subarray(c * plane, (c + 1) * plane)),
  );
  const other = () => {
    if (replacement === 'zero') return photo.data.map(() => 0);
    if (replacement === 'mean')
      return channelsOf.flatMap((channel) => channel.map(() => literal.moments(channel)[0]));
    if (replacement === 'blur')
      return channelsOf.flatMap((each) => literal.blurred(each, height, width, Math.min(height, width) / 20));
    // Which numbers are drawn is for the generator to say, which has tests of its own.
    if (replacement === 'noise') return replaced(photo, 'noise', seed);
    const gone = literal.without(
      new Float64Array(plane),
      new Float64Array(plane).fill(1),
      [1, height, width],
      side,
      removed,
    );
    const normal = new Float32Array(photo.data.length);
    fillNormal(normal, seed, nameHash(`imputation ${photo.index}`));
    return channelsOf.flatMap((channel, c) => {
      const [mean, deviation] = literal.moments(channel);
      const filled = gone.every((is) => is === 1)
        ? channel.map(() => mean)
        : literal.imputed(channel, height, width, gone);
      return filled.map((value, p) => value + 0.01 * deviation * normal[c * plane + p]);
    });
  };
  return literal.without(photo.data, other(), shape, side, removed);
}

const shapes = fc.record({
  channels: fc.integer({ min: 1, max: 3 }),
  height: fc.integer({ min: 4, max: 8 }),
  width: fc.integer({ min: 4, max: 8 }),
  side: fc.integer({ min: 1, max: 2 }),
  steps: fc.integer({ min: 2, max: 5 }),
  until: fc.constantFrom(1, 0.9, 0.5),
  replacement: fc.constantFrom(...replacements),
  seed: fc.integer({ min: 1, max: 1e6 }),
});

describe('questions about a photo', () => {
  it('are the literal copies of every curve and subset, and the answers come to the literal measures', () => {
    fc.assert(
      fc.property(shapes, ({ channels, height, width, side, steps, until, replacement, seed }) => {
        const shape: Shape = [channels, height, width];
        const data = noise(shape, seed).data;
        const photo = { data, channels, height, width, index: seed % 7 };
        const network = networkOf(data.length, seed + 2);
        const maps = ['one', 'other'].map((method, m) => ({
          method,
          map: { height, width, data: noise([height * width], seed + 10 + m).data },
        }));
        const options: AnalysisOptions = {
          metrics: ['pixel-flipping', 'deletion', 'insertion', 'road', 'subsets'],
          ...{ steps, until, replacement, samples: 4, seed },
        };
        const regions = squares(height, width, side);
        const target = { classes: [0], against: [] };
        const made = analyse({ photo, target, maps }, regions, options);
        let asked = 0;
        for (const { fill, answer } of made.questions) {
          const copy = new Float32Array(data.length);
          fill(copy);
          answer(network(copy));
          asked++;
        }
        expect(asked).toBe(questionsPerPhoto(options, maps.length));

        const { values, curves } = made.result();
        const without = (by: Replacement, gone: readonly number[]) =>
          network(replacedLiterally(photo, shape, side, by, gone, seed));
        const subsets = drawSubsets(regions.count, options.samples, seed, photo.index);
        const drops = subsets.map(
          (subset) =>
            network(data) -
            without(
              replacement,
              [...subset.regions.keys()].filter((region) => subset.regions[region]),
            ),
        );
        for (const { method, map } of maps) {
          const order = literal.removalOrder(map.data, height, width, side);
          const curve = (first: 'morf' | 'lerf', by: Replacement, at: number, to: number) => {
            const list = first === 'morf' ? order : [...order].reverse();
            return literal.goneBySteps(regions.count, at, to).map((gone) => without(by, list.slice(0, gone)));
          };
          const expected = {
            'pixel-flipping morf': curve('morf', replacement, steps, until),
            'pixel-flipping lerf': curve('lerf', replacement, steps, until),
            'deletion morf': curve('morf', 'zero', steps, 1),
            'insertion lerf': curve('lerf', 'blur', steps, 1),
            'road morf': curve('morf', 'imputation', 9, 0.9),
            'road lerf': curve('lerf', 'imputation', 9, 0.9),
          };
          for (const [name, values] of Object.entries(expected))
            for (const [k, value] of values.entries()) near(curves[name][method][k], value, 1e-5);
          const [morf, lerf] = [expected['pixel-flipping morf'], expected['pixel-flipping lerf']];
          near(values['aopc-morf'][method], literal.aopc(morf), 1e-5);
          near(values['aopc-lerf'][method], literal.aopc(lerf), 1e-5);
          near(values.abpc[method], literal.areaBetween(lerf, morf), 1e-5);
          near(values.deletion[method], literal.areaUnder(expected['deletion morf']), 1e-5);
          near(values.insertion[method], literal.areaUnder(expected['insertion lerf']), 1e-5);
          // From 10 % to 90 %: the photo as it is, which all orders share, is none of ROAD's steps.
          const [roadMorf, roadLerf] = [expected['road morf'].slice(1), expected['road lerf'].slice(1)];
          near(values.road[method], literal.areaBetween(roadLerf, roadMorf), 1e-5);
          // Steps that are nearly level may round to either side.
          const level = morf.slice(1).some((value, k) => Math.abs(value - morf[k]) < 1e-5);
          if (!level) near(values.monotonicity[method], literal.monotonicity(morf), 1e-12);

          const sums = literal.regionSums(map.data, height, width, side);
          const relevance = subsets.map((subset) =>
            sums.reduce((total, sum, region) => total + subset.regions[region] * sum, 0),
          );
          const bySize = subsetShares.map((_, i) =>
            literal.pearson(relevance.slice(4 * i, 4 * i + 4), drops.slice(4 * i, 4 * i + 4)),
          );
          // Where subsets of one size are but one, or all drops the same, there is nothing to correlate.
          const isKnown = bySize.map((_, i) =>
            [relevance, drops].every((all) => literal.moments(all.slice(4 * i, 4 * i + 4))[1] > 1e-2),
          );
          if (isKnown[1]) near(values.correlation[method], bySize[1], 1e-3);
          if (isKnown.every((is) => is))
            near(values['sensitivity-n'][method], literal.moments(bySize)[0], 1e-3);
          near(values.infidelity[method], literal.infidelity(relevance, drops), 1e-3);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('take each subset of a size as likely as any other', () => {
    // 2 of 5 regions: 10 pairs, each 100 times of 1,000 but for a spread of √90.
    const drawn = new Map<string, number>();
    for (let photo = 0; photo < 10; photo++)
      for (const { regions } of drawSubsets(5, 100, 3, photo).slice(200, 300)) {
        const key = regions.join('');
        expect([...regions].filter((is) => is === 1)).toHaveLength(2);
        drawn.set(key, (drawn.get(key) ?? 0) + 1);
      }
    expect(drawn.size).toBe(10);
    for (const times of drawn.values()) expect(Math.abs(times - 100)).toBeLessThan(5 * Math.sqrt(90));
    expect(drawSubsets(10, 3, 1, 0).map(({ regions }) => regions.reduce((sum, is) => sum + is, 0))).toEqual([
      1, 1, 1, 2, 2, 2, 4, 4, 4, 6, 6, 6, 8, 8, 8,
    ]);
    // One in a set at least, however few regions there are.
    expect(drawSubsets(2, 1, 1, 0)[0].regions.reduce((sum, is) => sum + is, 0)).toBe(1);
  });
});

describe('curves by hand', () => {
  it('of a photo of four pixels, of which the network adds up three', () => {
    const photo = { data: Float32Array.of(1, 2, 4, 8), channels: 1, height: 2, width: 2, index: 0 };
    const network = ([, b, c, d]: ArrayLike<number> & Iterable<number>) => b + c + d;
    const maps = [{ method: 'right', map: { height: 2, width: 2, data: Float32Array.of(0, 2, 4, 8) } }];
    const options: AnalysisOptions = {
      metrics: ['pixel-flipping', 'deletion', 'subsets'],
      ...{ steps: 4, until: 1, replacement: 'zero', samples: 20, seed: 1 },
    };
    const target = { classes: [0], against: [] };
    const made = analyse({ photo, target, maps }, squares(2, 2, 1), options);
    for (const { fill, answer } of made.questions) {
      const copy = new Float32Array(4);
      fill(copy);
      answer(network(copy));
    }
    const { values, curves } = made.result();
    expect(curves['pixel-flipping morf'].right).toEqual([14, 6, 2, 0, 0]);
    expect(curves['pixel-flipping lerf'].right).toEqual([14, 14, 12, 8, 0]);
    expect(values['aopc-morf'].right).toBeCloseTo((0 + 8 + 12 + 14 + 14) / 5, 12);
    expect(values['aopc-lerf'].right).toBeCloseTo((0 + 0 + 2 + 6 + 14) / 5, 12);
    expect(values.abpc.right).toBeCloseTo((48 - 22) / 5, 12);
    expect(values.deletion.right).toBeCloseTo((7 + 6 + 2 + 0) / 4, 12);
    expect(values.monotonicity.right).toBe(1);
    expect(values.correlation.right).toBeCloseTo(1, 12);
    expect(values.infidelity.right).toBeCloseTo(0, 12);
  });
});
