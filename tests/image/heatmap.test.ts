import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LimnError } from '../../src/common/error.ts';
import { float32 } from '../../src/graph/tensor.ts';
import { image, toGrey } from '../../src/image/image.ts';
import { averageRelevance } from '../../src/image/maps/average.ts';
import { COLORMAPS, colormap, colourOf } from '../../src/image/maps/colormap.ts';
import { heatmaps, limitOf, normalise, renderHeatmap, sharedLimit } from '../../src/image/maps/heatmap.ts';
import { overlay } from '../../src/image/maps/overlay.ts';
import { noiseImage } from './pictures.ts';

const clip = (x: number, low: number, high: number) => Math.min(Math.max(x, low), high);
const unit = fc.double({ min: -1, max: 1, noNaN: true });

/** The maps by the formulas of their sources, not by the knots that limn interpolates. */
const formulas: Record<string, (x: number) => number[]> = {
  'black-firered': (x) => {
    const rise = (v: number) => [
      clip(v, 0, 0.25) / 0.25,
      clip(v - 0.25, 0, 0.25) / 0.25,
      clip(v - 0.5, 0, 0.5) / 0.5,
    ];
    const hot = rise(x);
    const cold = rise(-x).reverse();
    return hot.map((v, c) => v + cold[c]);
  },
  afmhot: (x) => {
    const p = (x + 1) / 2;
    return [2 * p, 2 * p - 0.5, 2 * p - 1].map((v) => clip(v, 0, 1));
  },
  bwr: (x) => [clip(1 + x, 0, 1), 1 - Math.abs(x), clip(1 - x, 0, 1)],
  coldnhot: (x) => [clip(2 * x, 0, 1), clip(2 * Math.abs(x) - 1, 0, 1), clip(-2 * x, 0, 1)],
  'black-green': (x) => {
    const first = clip(2 * Math.abs(x), 0, 1);
    const second = clip(2 * Math.abs(x) - 1, 0, 1);
    return x > 0 ? [second, first, second] : [first, second, first];
  },
  'blue-black-yellow': (x) => [clip(x, 0, 1), clip(x, 0, 1), clip(-x, 0, 1)],
  gray: (x) => Array(3).fill((x + 1) / 2),
};

describe('colour maps', () => {
  test.each(Object.keys(formulas))('%s follows its formula', (name) => {
    fc.assert(
      fc.property(unit, (x) => {
        const want = formulas[name](x);
        colourOf(colormap(name), x).forEach((v, c) => {
          expect(v).toBeCloseTo(want[c], 9);
        });
      }),
    );
  });

  test.each([
    ['jet', -1, [0, 0, 0.5]],
    ['jet', 0, [0.483871, 1, 0.483871]],
    ['jet', 1, [0.5, 0, 0]],
    ['seismic', -1, [0, 0, 0.3]],
    ['seismic', 0, [1, 1, 1]],
    ['seismic', 0.5, [1, 0, 0]],
    ['seismic', 1, [0.5, 0, 0]],
    ['gray-red', 0, [0.8, 0.8, 0.8]],
    ['gray-red', 0.5, [1, 0, 0]],
  ] as const)('%s at %d', (name, x, want) => {
    colourOf(colormap(name), x).forEach((v, c) => {
      expect(v).toBeCloseTo(want[c], 5);
    });
  });

  test.each([...COLORMAPS.keys()])(
    '%s is defined from −1 to 1, clipped beyond, and drawn to one level',
    (name) => {
      const map = colormap(name);
      expect([map.red, map.green, map.blue].every((k) => k[0][0] === -1 && k.at(-1)![0] === 1)).toBe(true);
      expect(colourOf(map, 7)).toEqual(colourOf(map, 1));
      expect(colourOf(map, -7)).toEqual(colourOf(map, -1));
      fc.assert(
        fc.property(unit, (x) => {
          const drawn = renderHeatmap({ width: 1, height: 1, data: Float32Array.of(x) }, map, 1);
          colourOf(map, x).forEach((v, c) => {
            expect(Math.abs(drawn.data[c] - v * 255)).toBeLessThanOrEqual(1);
          });
        }),
      );
    },
  );

  test('an unknown name lists the known ones', () => {
    expect(() => colormap('hot')).toThrow(
      "colour map 'hot': there is none of this name; known: black-firered, gray-red",
    );
    expect(() => colormap('constructor')).toThrow(LimnError);
  });
});

describe('relevance to maps', () => {
  const relevance = float32([2, 3, 1, 2], [1, -2, 10, 20, 100, 200, 0, 0, 0, 0, 0, 0]);

  test('channels are summed or averaged per photo', () => {
    expect(heatmaps(relevance).map((m) => [...m.data])).toEqual([
      [111, 218],
      [0, 0],
    ]);
    expect([...heatmaps(relevance, 'mean')[0].data]).toEqual([37, Math.fround(218 / 3)]);
    const gradient = float32([1, 3, 1, 2], [2, 0, -3, 5, 6, -12]);
    expect([...heatmaps(gradient, 'norm')[0].data]).toEqual([7, 13]);
  });

  test('what is not finite is refused with its place', () => {
    const bad = float32([1, 3, 1, 2], [1, 2, 3, Number.NaN, 5, 6]);
    expect(() => heatmaps(bad, 'sum', 'x.npy')).toThrow('x.npy: photo 1, row 0, column 1 is NaN');
    expect(() => heatmaps(float32([3], [1, 2, 3]))).toThrow('expected relevance N×C×H×W, got [3]');
  });

  const map = { width: 5, height: 1, data: Float32Array.of(-4, 1, 0, 2, -3) };

  test('limits: the largest |R|, a percentile as NumPy computes it, a given one', () => {
    expect(limitOf(map)).toBe(4);
    expect(limitOf(map, { percentile: 50 })).toBe(2);
    expect(limitOf(map, { percentile: 90 })).toBeCloseTo(3.6, 6);
    expect(limitOf(map, { limit: 9 })).toBe(9);
    expect(sharedLimit([map, { ...map, data: map.data.map((v) => v * 2) }])).toBe(8);
    expect(() => limitOf(map, { percentile: 0 })).toThrow(LimnError);
    expect(() => limitOf(map, { limit: Number.NaN })).toThrow(LimnError);
  });

  test('any percentile is what sorting finds', () => {
    const literal = (values: Float32Array, p: number) => {
      const sorted = Array.from(values, Math.abs).sort((a, b) => a - b);
      const at = (p / 100) * (sorted.length - 1);
      const [low, high] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
      return low + (high - low) * (at - Math.floor(at)) || sorted[sorted.length - 1];
    };
    const values = fc.oneof(
      fc.float32Array({ minLength: 1, maxLength: 60, noNaN: true, noDefaultInfinity: true }),
      // Many alike, and of both signs.
      fc
        .array(fc.constantFrom(0, -0, 1, -1, 1.0000001, 2 ** -149, -3e38), { minLength: 1, maxLength: 60 })
        .map((numbers) => Float32Array.from(numbers)),
    );
    fc.assert(
      fc.property(values, fc.double({ min: 1e-3, max: 100, noNaN: true }), (data, p) => {
        const found = limitOf({ width: data.length, height: 1, data }, { percentile: p });
        expect(found).toBe(literal(data, p));
      }),
      { numRuns: 300 },
    );
  });
  test('a percentile of zero in a sparse map gives way to the maximum', () => {
    const sparse = { ...map, data: Float32Array.of(0, 0, 0, 0, 5) };
    expect(limitOf(sparse, { percentile: 50 })).toBe(5);
  });

  test('normalised values are clipped, keep their sign, and a zero map stays zero', () => {
    expect([...normalise(map, 2).data]).toEqual([-1, 0.5, 0, 1, -1]);
    const zero = { ...map, data: new Float32Array(5) };
    expect(limitOf(zero)).toBe(0);
    expect([...renderHeatmap(zero, colormap('bwr')).data]).toEqual(Array(15).fill(255));
    expect([...renderHeatmap(zero, colormap('black-firered')).data]).toEqual(Array(15).fill(0));
  });
});

describe('overlay', () => {
  test('covers each pixel by the square root of its share of the limit', () => {
    const photo = noiseImage(4, 5, 3);
    const grey = toGrey(photo).data;
    const colours = colormap('jet');
    const cell = fc.float({ min: -2, max: 2, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(cell, { minLength: 20, maxLength: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom('relevance' as const, 'uniform' as const),
        (values, opacity, cover) => {
          const map = { width: 5, height: 4, data: Float32Array.from(values) };
          const found = overlay(photo, map, colours, { opacity, cover, limit: 1.5 }).data;
          const colour = renderHeatmap(map, colours, 1.5).data;
          const x = normalise(map, 1.5).data;
          const expected = Array.from(found, (_, i) => {
            const share = cover === 'uniform' ? 1 : Math.sqrt(Math.abs(x[Math.floor(i / 3)]));
            return Math.round(grey[i] * (1 - opacity * share) + colour[i] * (opacity * share));
          });
          expect([...found]).toEqual(expected);
        },
      ),
    );
  });
  const photo = noiseImage(4, 6, 2);

  test('without relevance it is the photo in grey', () => {
    const none = { width: 6, height: 4, data: new Float32Array(24) };
    expect(overlay(photo, none, colormap('jet')).data).toEqual(toGrey(photo).data);
  });

  test('uniform at full opacity it is the heatmap; relevance at the limit covers by the opacity', () => {
    const full = { width: 3, height: 2, data: new Float32Array(6).fill(2) };
    const covered = overlay(photo, full, colormap('bwr'), { opacity: 1, cover: 'uniform' });
    expect([...covered.data.slice(0, 3)]).toEqual([255, 0, 0]);
    const half = overlay(image(1, 1), { width: 1, height: 1, data: Float32Array.of(1) }, colormap('bwr'), {
      opacity: 0.5,
    });
    expect([...half.data]).toEqual([128, 0, 0]);
    expect(() => overlay(photo, full, colormap('bwr'), { opacity: 2 })).toThrow('not in [0, 1]');
  });
});

describe('averages', () => {
  test('are means, element by element', () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.float({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 3, maxLength: 3 }), {
          minLength: 1,
          maxLength: 6,
        }),
        (rows) => {
          const mean = averageRelevance(rows.map((row) => float32([1, 3, 1, 1], row)));
          mean.data.forEach((v, i) => {
            expect(v).toBe(Math.fround(rows.reduce((sum, row) => sum + row[i], 0) / rows.length));
          });
        },
      ),
    );
  });

  test('of other shapes, of nothing, of what is not finite are refused by name', () => {
    const a = float32([1, 1], [1]);
    const b = float32([1], [1]);
    expect(() => averageRelevance([a, b], ['a.npy', 'b.npy'])).toThrow(
      'b.npy: its shape is [1], that of a.npy [1,1]',
    );
    expect(() => averageRelevance([])).toThrow('no relevance maps');
    expect(() => averageRelevance([a, float32([1, 1], [Number.NaN])])).toThrow('map 2: element 0 is NaN');
  });
});
