import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aopc,
  areaBetween,
  areaUnder,
  baselineMap,
  entropy,
  imputer,
  infidelity,
  localisation,
  monotonicity,
  nearby,
  pearson,
  ranks,
  replaced,
  robustness,
  sparseness,
  spearman,
  squares,
  structuralSimilarity,
} from '../../src/faithfulness/index.ts';
import { blurred } from '../../src/faithfulness/replacement.ts';
import { noise } from '../nets.ts';
import * as literal from '../reference/faithfulness.ts';

const size = fc.integer({ min: 2, max: 7 });
const seed = fc.integer({ min: 1, max: 1e6 });
const values = (n: number, s: number): number[] => Array.from(noise([n], s).data);
const mapOf = (height: number, width: number, s: number) => ({
  height,
  width,
  data: Float32Array.from(values(height * width, s)),
});

/** a and b agree but for rounding. */
const near = (a: number, b: number, within = 1e-9): void => {
  if (Number.isNaN(b)) expect(a).toBeNaN();
  else expect(Math.abs(a - b), `${a} for ${b}`).toBeLessThanOrEqual(within * (1 + Math.abs(b)));
};

describe('regions', () => {
  it('go in the literal order, whatever their sizes', () => {
    fc.assert(
      fc.property(size, size, fc.integer({ min: 1, max: 4 }), seed, (height, width, side, s) => {
        const map = mapOf(height, width, s);
        const regions = squares(height, width, side);
        const order = literal.removalOrder(map.data, height, width, side);
        const found = ranks(map, regions, 'morf', 1, 0);
        expect(order.map((region) => found[region])).toEqual(order.map((_, rank) => rank));
        const backwards = ranks(map, regions, 'lerf', 1, 0);
        expect([...backwards]).toEqual([...found].map((rank) => regions.count - 1 - rank));
      }),
    );
  });

  it('leave no slivers: sides differ by one pixel at most', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 40 }), (length, side) => {
        const { sizes, count } = squares(length, 1, side);
        expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        expect(count).toBe(Math.max(1, Math.round(length / side)));
      }),
    );
    // 14 squares of 16 pixels, and not a fifteenth of 3.
    expect(squares(227, 227, 16).count).toBe(14 * 14);
  });

  it('that are equal go in an order that is drawn for each photo, not that of counting', () => {
    const regions = squares(12, 12, 2);
    const flat = { height: 12, width: 12, data: new Float32Array(144) };
    const [a, b] = [ranks(flat, regions, 'morf', 1, 0), ranks(flat, regions, 'morf', 1, 1)];
    expect([...a].sort((x, y) => x - y)).toEqual(Array.from({ length: 36 }, (_, i) => i));
    expect(a).not.toEqual(b);
    expect(a).toEqual(ranks(flat, regions, 'morf', 1, 0));
    expect([...a].every((rank, i) => rank === i)).toBe(false);
  });
});

describe('curves', () => {
  it('have the areas of their definitions', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 30 }), seed, (n, s) => {
        const [morf, lerf] = [values(n, s), values(n, s + 1)];
        near(aopc(morf), literal.aopc(morf));
        near(areaBetween(lerf, morf), literal.areaBetween(lerf, morf));
        near(areaUnder(morf), literal.areaUnder(morf));
        near(monotonicity(morf), literal.monotonicity(morf));
      }),
    );
  });

  it('by hand', () => {
    expect(aopc([1, 0.5, 0])).toBeCloseTo(0.5, 12);
    expect(areaUnder([1, 0.5, 0])).toBeCloseTo(0.5, 12);
    expect(areaUnder([1, 1, 0])).toBeCloseTo(0.75, 12);
    expect(monotonicity([1, 0.5, 0.6, 0.6, 0])).toBe(0.75);
  });
});

describe('replacements', () => {
  it('impute as elimination solves the same equations', () => {
    fc.assert(
      fc.property(
        size,
        size,
        seed,
        fc.double({ min: 0.1, max: 0.95, noNaN: true }),
        (height, width, s, share) => {
          const n = height * width;
          const channel = values(n, s);
          const removed = Uint8Array.from(values(n, s + 1), (value) => (value < 2 * share - 1 ? 1 : 0));
          removed[s % n] = 0;
          const [found] = imputer([channel], height, width, { tolerance: 1e-13 })(removed);
          const expected = literal.imputed(channel, height, width, removed);
          for (let i = 0; i < n; i++) near(found[i], expected[i], 1e-8);
        },
      ),
    );
  });

  it('impute pictures of several grids to a millionth of their range, holes and scattered pixels alike', () => {
    const [height, width] = [22, 19];
    const channel = values(height * width, 5);
    const range = Math.max(...channel) - Math.min(...channel);
    const places = Array.from({ length: height * width }, (_, i) => [Math.floor(i / width), i % width]);
    const holes = {
      middle: ([y, x]: number[]) => Math.hypot(y - 11, x - 9) < 9,
      rim: ([y, x]: number[]) => Math.hypot(y - 11, x - 9) > 4,
      squares: ([y, x]: number[]) => ((y >> 2) + 3 * (x >> 2)) % 5 > 0,
      scattered: ([y, x]: number[]) => (7 * y + 3 * x) % 10 > 0,
    };
    for (const isGone of Object.values(holes)) {
      const removed = Uint8Array.from(places, (place) => (isGone(place) ? 1 : 0));
      const [found] = imputer([channel], height, width)(removed);
      const expected = literal.imputed(channel, height, width, removed);
      for (const [i, value] of expected.entries())
        expect(Math.abs(found[i] - value)).toBeLessThan(1e-6 * range);
    }
  });

  it('impute what grows as if it were new, several channels at once, and the mean where nothing is left', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 4, max: 12 }),
        fc.integer({ min: 4, max: 12 }),
        seed,
        (count, height, width, s) => {
          const n = height * width;
          const channels = Array.from({ length: count }, (_, c) => values(n, s + c));
          // A channel without any contrast has nothing to solve.
          if (s % 3 === 0) channels[0].fill(0);
          const order = values(n, s + 99);
          const impute = imputer(channels, height, width, { tolerance: 1e-13 });
          // Growing, the same again, and less than before.
          for (const level of [-0.6, 0, 0, 0.7, 0.9, -0.3]) {
            const removed = Uint8Array.from(order, (value) => (value < level ? 1 : 0));
            removed[s % n] = 0;
            const found = impute(removed);
            expect(found).toHaveLength(count);
            for (const [c, channel] of channels.entries()) {
              const expected = literal.imputed(channel, height, width, removed);
              for (let i = 0; i < n; i++) near(found[c][i], expected[i], 1e-8);
            }
          }
          for (const [c, channel] of impute(new Uint8Array(n).fill(1)).entries())
            for (const value of channel) near(value, literal.moments(channels[c])[0]);
        },
      ),
      { numRuns: 15 },
    );
  });

  it('blur as a window over rows and columns does', () => {
    fc.assert(
      fc.property(
        size,
        size,
        seed,
        fc.double({ min: 0.4, max: 2, noNaN: true }),
        (height, width, s, sigma) => {
          const channel = values(height * width, s);
          const found = blurred(channel, height, width, sigma);
          const expected = literal.blurred(channel, height, width, sigma);
          for (const [i, value] of expected.entries()) near(found[i], value);
        },
      ),
    );
  });

  it('fill with the mean, zero, and noise within the range that depends on seed and photo alone', () => {
    const photo = (index: number) => ({
      data: noise([2, 4, 5], 5).data,
      channels: 2,
      height: 4,
      width: 5,
      index,
    });
    const mean = replaced(photo(0), 'mean', 1);
    const channel = photo(0).data.subarray(20);
    near(mean[25], channel.reduce((a, b) => a + b, 0) / 20, 1e-6);
    expect([...replaced(photo(0), 'zero', 1)]).toEqual(new Array(40).fill(0));
    const random = replaced(photo(3), 'noise', 1);
    expect(Math.max(...random.subarray(20))).toBeLessThanOrEqual(Math.max(...channel));
    expect(Math.min(...random.subarray(20))).toBeGreaterThanOrEqual(Math.min(...channel));
    expect(random).toEqual(replaced(photo(3), 'noise', 1));
    expect(random).not.toEqual(replaced(photo(4), 'noise', 1));
    expect(random).not.toEqual(replaced(photo(3), 'noise', 2));
  });
});

describe('measures of maps', () => {
  it('are those of the papers', () => {
    fc.assert(
      fc.property(size, size, seed, (height, width, s) => {
        const [a, b] = [mapOf(height, width, s), mapOf(height, width, s + 7)];
        const [x, y] = [Array.from(a.data), Array.from(b.data)];
        near(sparseness(a), literal.gini(x));
        near(entropy(a), literal.entropy(x));
        near(pearson(x, y), literal.pearson(x, y), 1e-7);
        near(spearman(x, y), literal.pearson(literal.meanRanks(x), literal.meanRanks(y)), 1e-7);
        near(structuralSimilarity(a, b), literal.structuralSimilarity(x, y, height, width), 1e-8);
      }),
    );
  });

  it('know ties, constants and maps of zeros', () => {
    near(spearman([1, 1, 2, 3], [4, 4, 5, 6]), 1);
    const ranked = [1, 1, 2, 0];
    near(
      spearman(ranked, [3, 1, 2, 2]),
      literal.pearson(literal.meanRanks(ranked), literal.meanRanks([3, 1, 2, 2])),
    );
    expect(pearson([1, 1], [1, 2])).toBeNaN();
    const zeros = { height: 2, width: 2, data: new Float32Array(4) };
    expect(sparseness(zeros)).toBe(0);
    expect(entropy(zeros)).toBeNaN();
    const one = { height: 1, width: 4, data: Float32Array.of(0, 0, -8, 0) };
    expect(sparseness(one)).toBe(0.75);
    expect(entropy(one)).toBeCloseTo(0, 12);
    expect(entropy({ ...one, data: Float32Array.of(1, -1, 1, 1) })).toBeCloseTo(Math.log(4), 12);
    expect(structuralSimilarity(one, one)).toBeCloseTo(1, 12);
  });

  it('infidelity has the best scale', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 20 }), seed, (n, s) => {
        const [a, d] = [values(n, s), values(n, s + 1)];
        const subsets = d.map((drop) => ({ regions: new Uint8Array(0), drop }));
        near(infidelity(Float64Array.from(a), subsets), literal.infidelity(a, d), 1e-8);
      }),
    );
    const drops = [1, 2, 3].map((drop) => ({ regions: new Uint8Array(0), drop }));
    expect(infidelity(Float64Array.of(10, 20, 30), drops)).toBeCloseTo(0, 12);
    expect(infidelity(new Float64Array(3), drops)).toBe(1);
  });

  it('localisation and robustness are those of the papers', () => {
    fc.assert(
      fc.property(size, size, seed, (height, width, s) => {
        const [a, photo] = [mapOf(height, width, s), noise([2, height, width], s + 1).data];
        const mask = Uint8Array.from(values(height * width, s + 2), (value) => (value > 0.2 ? 1 : 0));
        mask[s % mask.length] = 1;
        const found = localisation(a, mask);
        const expected = literal.localisation(Array.from(a.data), mask);
        expect(found.pointing).toBe(expected.pointing);
        near(found.mass, expected.mass);
        near(found.rank, expected.rank);

        const others = [3, 4, 5].map((more) => ({
          map: mapOf(height, width, s + more),
          photo: noise([2, height, width], s + 10 * more).data,
        }));
        const lists = others.map((other) => ({
          map: Array.from(other.map.data),
          photo: Array.from(other.photo),
        }));
        const map = Array.from(a.data);
        const { maxSensitivity, lipschitz } = robustness(a, photo, others);
        near(
          maxSensitivity,
          literal.maxSensitivity(
            map,
            lists.map((other) => other.map),
          ),
        );
        near(lipschitz, literal.lipschitz(map, Array.from(photo), lists));
      }),
    );
  });

  it('localisation by hand', () => {
    const map = { height: 2, width: 3, data: Float32Array.of(0.5, -2, 3, 1, 0.25, 0.25) };
    const mask = Uint8Array.of(0, 0, 1, 1, 0, 0);
    expect(localisation(map, mask)).toEqual({ pointing: 1, mass: 4 / 5, rank: 1 });
    expect(localisation(map, Uint8Array.of(1, 1, 0, 0, 0, 0))).toEqual({
      pointing: 0,
      mass: 0.5 / 5,
      rank: 0,
    });
    expect(localisation({ ...map, data: new Float32Array(6).fill(-1) }, mask).mass).toBeNaN();
  });

  it('robustness is the largest relative change', () => {
    const map = { height: 1, width: 2, data: Float32Array.of(3, 4) };
    const changed = (a: number, b: number) => ({ height: 1, width: 2, data: Float32Array.of(a, b) });
    const found = robustness(map, Float32Array.of(0, 2), [
      { map: changed(3, 5), photo: Float32Array.of(0, 2.5) },
      { map: changed(3, 2), photo: Float32Array.of(2, 2) },
    ]);
    expect(found.maxSensitivity).toBeCloseTo(2 / 5, 12);
    expect(found.lipschitz).toBeCloseTo(1 / 5 / 0.25, 12);
    const photo = { data: noise([3, 4, 4], 1).data, channels: 3, height: 4, width: 4, index: 2 };
    const copies = nearby(photo, 3, 1);
    const range = Math.max(...photo.data) - Math.min(...photo.data);
    for (const copy of copies)
      for (let i = 0; i < copy.length; i++)
        expect(Math.abs(copy[i] - photo.data[i])).toBeLessThanOrEqual(0.02 * range + 1e-6);
    expect(copies[0]).not.toEqual(copies[1]);
  });
});

describe('baselines', () => {
  it('are uniform numbers, both filters of Sobel, and the distance from the middle', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3 }), size, size, seed, (channels, height, width, s) => {
        const { data } = noise([channels, height, width], s);
        const photo = { data, channels, height, width, index: s % 9 };
        const edges = literal.sobel(data, [channels, height, width]);
        for (const [i, value] of baselineMap('sobel', photo, s).data.entries()) near(value, edges[i], 1e-6);
        const middle = [height / 2, width / 2];
        for (const [i, value] of baselineMap('centre', photo, s).data.entries()) {
          const [y, x] = [Math.floor(i / width) + 0.5 - middle[0], (i % width) + 0.5 - middle[1]];
          near(value, Math.sqrt(0.5) - Math.sqrt((y / height) ** 2 + (x / width) ** 2), 1e-6);
        }
      }),
    );
    const photo = { data: new Float32Array(4096), channels: 1, height: 64, width: 64, index: 0 };
    const { data } = baselineMap('random', photo, 1);
    const [mean, deviation] = literal.moments(data);
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / 4096));
    expect(deviation).toBeCloseTo(Math.sqrt(1 / 12), 2);
    expect(new Set(data).size).toBeGreaterThan(4000);
  });

  it('are a drawn order, the edges and the middle', () => {
    const data = Float32Array.from({ length: 36 }, (_, i) => (i % 6 < 3 ? 0 : 1));
    const photo = { data, channels: 1, height: 6, width: 6, index: 0 };
    const edges = baselineMap('sobel', photo, 1).data;
    // An upright edge between columns 2 and 3: 4 on both sides, nothing elsewhere.
    expect(Array.from(edges.subarray(6, 12))).toEqual([0, 0, 4, 4, 0, 0]);
    const centre = baselineMap('centre', photo, 1).data;
    expect(centre[14]).toBeGreaterThan(centre[13]);
    expect(centre[14]).toBeCloseTo(centre[21], 6);
    expect(baselineMap('random', photo, 1)).toEqual(baselineMap('random', photo, 1));
    expect(baselineMap('random', photo, 1)).not.toEqual(baselineMap('random', { ...photo, index: 1 }, 1));
  });
});
