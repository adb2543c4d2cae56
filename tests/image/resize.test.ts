import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LimnError } from '../../src/common/error.ts';
import { type Image, toGrey } from '../../src/image/image.ts';
import { repeatMap, resizeMap } from '../../src/image/maps/map.ts';
import { repeatImage } from '../../src/image/pixels/enlarge.ts';
import { squareImage } from '../../src/image/pixels/replicate.ts';
import { coveringSize, resizeImage } from '../../src/image/pixels/resize.ts';
import opencv from './fixtures/opencv.json' with { type: 'json' };
import { anyImage, noiseImage } from './pictures.ts';

/** Bilinear interpolation, literally: half-pixel centres, borders repeated, float64. */
function bilinear(
  at: (y: number, x: number) => number,
  from: [number, number],
  to: [number, number],
): number[] {
  const out: number[] = [];
  const clamp = (v: number, n: number) => Math.min(Math.max(v, 0), n - 1);
  for (let y = 0; y < to[0]; y++) {
    for (let x = 0; x < to[1]; x++) {
      const sy = ((y + 0.5) * from[0]) / to[0] - 0.5;
      const sx = ((x + 0.5) * from[1]) / to[1] - 0.5;
      let sum = 0;
      for (const dy of [0, 1]) {
        for (const dx of [0, 1]) {
          const iy = Math.floor(sy) + dy;
          const ix = Math.floor(sx) + dx;
          sum +=
            (1 - Math.abs(sy - iy)) * (1 - Math.abs(sx - ix)) * at(clamp(iy, from[0]), clamp(ix, from[1]));
        }
      }
      out.push(sum);
    }
  }
  return out;
}

const side = fc.integer({ min: 1, max: 40 });

describe('resizing 8-bit images', () => {
  test.each(opencv.cases)('$height×$width → $toHeight×$toWidth is bit for bit OpenCV', (golden) => {
    const source = noiseImage(golden.height, golden.width, golden.seed);
    const out = resizeImage(source, golden.toHeight, golden.toWidth);
    expect(Buffer.from(out.data).toString('base64')).toBe(golden.rgb);
    const grey = Buffer.from(toGrey(source).data.filter((_, i) => i % 3 === 0));
    expect(grey.toString('base64')).toBe(golden.grey);
  });

  test('is within one and a half levels of exact bilinear interpolation', () => {
    fc.assert(
      fc.property(anyImage(), side, side, (source, height, width) => {
        const out = resizeImage(source, height, width);
        for (let c = 0; c < 3; c++) {
          const exact = bilinear(
            (y, x) => source.data[(y * source.width + x) * 3 + c],
            [source.height, source.width],
            [height, width],
          );
          const worst = Math.max(...exact.map((value, i) => Math.abs(out.data[i * 3 + c] - value)));
          expect(worst).toBeLessThan(1.5);
        }
      }),
    );
  });

  test('refuses sizes that are none', () => {
    for (const size of [0, -1, 1.5, Number.NaN, 1e6]) {
      expect(() => resizeImage(noiseImage(2, 2, 1), size, size)).toThrow(LimnError);
    }
  });

  test.each([
    [360, 480, 256, 256, 256, 341],
    [480, 360, 256, 256, 341, 256],
    [500, 500, 224, 224, 224, 224],
    [3, 1000, 10, 20, 10, 3333],
    [100, 100, 50, 80, 80, 80],
  ])('%i×%i covers %i×%i as %i×%i', (h, w, height, width, H, W) => {
    expect(coveringSize({ height: h, width: w }, height, width)).toEqual({ height: H, width: W });
  });
});

describe('resizing real values', () => {
  test('agrees with exact bilinear interpolation', () => {
    fc.assert(
      fc.property(anyImage(), side, side, (source, height, width) => {
        const data = Float32Array.from(
          source.data.filter((_, i) => i % 3 === 0),
          (v) => v / 7 - 10,
        );
        const map = { width: source.width, height: source.height, data };
        const exact = bilinear((y, x) => data[y * map.width + x], [map.height, map.width], [height, width]);
        resizeMap(map, height, width).data.forEach((v, i) => {
          expect(v).toBeCloseTo(exact[i], 4);
        });
      }),
    );
  });

  test('nearest neighbour repeats values in blocks', () => {
    const map = { width: 2, height: 1, data: Float32Array.of(1, 2) };
    expect([...repeatMap(map, 2, 4).data]).toEqual([1, 1, 2, 2, 1, 1, 2, 2]);
    const source = noiseImage(1, 2, 3);
    const [a, b] = [[...source.data.subarray(0, 3)], [...source.data.subarray(3, 6)]];
    expect([...repeatImage(source, 1, 4).data]).toEqual([...a, ...a, ...b, ...b]);
  });

  test('repeated pixels are those that their centres lie in, whatever the sizes', () => {
    const side = fc.integer({ min: 1, max: 17 });
    fc.assert(
      fc.property(side, side, side, side, (fromWidth, fromHeight, width, height) => {
        const source = noiseImage(fromHeight, fromWidth, 2);
        const found = repeatImage(source, height, width);
        for (let y = 0; y < height; y++) {
          for (let x = 0; x < width; x++) {
            const row = Math.floor(((y + 0.5) * fromHeight) / height);
            const column = Math.floor(((x + 0.5) * fromWidth) / width);
            const at = (row * fromWidth + column) * 3;
            const to = (y * width + x) * 3;
            expect([...found.data.slice(to, to + 3)]).toEqual([...source.data.slice(at, at + 3)]);
          }
        }
      }),
    );
  });
});

describe('padding to a square', () => {
  const columns = (picture: Image) => Array.from({ length: picture.width }, (_, x) => picture.data[x * 3]);

  test('repeats the border: floor of half the difference on the left, the rest on the right', () => {
    const source = { width: 2, height: 5, channels: 3, data: new Uint8Array(30) } as const;
    for (let i = 0; i < 30; i++) source.data[i] = Math.floor(i / 3) % 2 === 0 ? 7 : 9;
    expect(columns(squareImage(source))).toEqual([7, 7, 9, 9, 9]);
  });

  test('keeps the picture in the middle, whatever its shape', () => {
    fc.assert(
      fc.property(anyImage(12), (source) => {
        const out = squareImage(source);
        const n = Math.max(source.width, source.height);
        expect([out.width, out.height]).toEqual([n, n]);
        for (let y = 0; y < n; y++) {
          for (let x = 0; x < n; x++) {
            const sy = Math.min(Math.max(y - Math.floor((n - source.height) / 2), 0), source.height - 1);
            const sx = Math.min(Math.max(x - Math.floor((n - source.width) / 2), 0), source.width - 1);
            expect(out.data[(y * n + x) * 3 + 1]).toBe(source.data[(sy * source.width + sx) * 3 + 1]);
          }
        }
      }),
    );
  });
});
