import fc from 'fast-check';
import { expect, it } from 'vitest';
import { equaliseLocally, type Image, image } from '../../src/image/index.ts';
import { anyImage } from './pictures.ts';

/** Pixel by pixel: what each of the four tiles around it says of its level, weighed by how near their middles are. */
function literal({ width, height, data }: Image, tiles: number, limit: number): number[] {
  const luma = (x: number, y: number): number => {
    const [r, g, b] = data.subarray(3 * (y * width + x));
    return Math.round(0.299 * r + 0.587 * g + 0.114 * b);
  };
  const side = Math.max(width, height) / tiles;
  const [across, down] = [width, height].map((length) =>
    Math.min(length, Math.max(1, Math.round(length / side))),
  );
  const said = (column: number, row: number, level: number): number => {
    const counts = new Array<number>(256).fill(0);
    let pixels = 0;
    for (let y = Math.round((row * height) / down); y < Math.round(((row + 1) * height) / down); y++)
      for (
        let x = Math.round((column * width) / across);
        x < Math.round(((column + 1) * width) / across);
        x++
      ) {
        counts[luma(x, y)]++;
        pixels++;
      }
    const most = Math.max(1, limit * pixels);
    const rest = counts.reduce((sum, count) => sum + Math.max(0, count - most), 0);
    const dark = counts
      .slice(0, level + 1)
      .reduce((sum, count) => sum + Math.min(count, most) + rest / 256, 0);
    return (255 * dark) / pixels;
  };
  const weights = (at: number, length: number, count: number): number[] => {
    const middle = (tile: number) => ((tile + 0.5) * length) / count;
    const near = Array.from({ length: count }, (_, tile) => {
      const beyond =
        (tile === 0 && at + 0.5 < middle(0)) || (tile === count - 1 && at + 0.5 > middle(count - 1));
      return beyond ? 1 : Math.max(0, 1 - Math.abs(at + 0.5 - middle(tile)) / (length / count));
    });
    const total = near.reduce((sum, one) => sum + one, 0);
    return near.map((one) => one / total);
  };
  const made: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const level = luma(x, y);
      let wanted = 0;
      for (const [row, low] of weights(y, height, down).entries())
        for (const [column, far] of weights(x, width, across).entries())
          if (low * far > 0) wanted += low * far * said(column, row, level);
      for (const channel of data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3))
        made.push(Math.min(255, Math.max(0, channel + wanted - level)));
    }
  return made;
}

it('spreads the levels of each tile, interpolated between their middles', () => {
  fc.assert(
    fc.property(
      anyImage(14),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(0.02, 0.1, 1),
      (photo, tiles, limit) => {
        const { data } = equaliseLocally(photo, { tiles, limit });
        for (const [i, value] of literal(photo, tiles, limit).entries())
          expect(Math.abs(data[i] - value)).toBeLessThanOrEqual(0.501);
      },
    ),
    { numRuns: 25 },
  );
});

it('makes the dark half of a picture as light as the other, and keeps what is there', () => {
  const photo = image(64, 32);
  for (let i = 0; i < photo.data.length; i++) {
    const x = Math.floor(i / 3) % 64;
    photo.data[i] = (x < 32 ? 10 : 180) + ((i * 7) % 20);
  }
  const mean = ({ data }: Image, from: number, to: number) => {
    const some = [...data].filter((_, i) => {
      const x = Math.floor(i / 3) % 64;
      return x >= from && x < to;
    });
    return some.reduce((sum, value) => sum + value, 0) / some.length;
  };
  const lit = equaliseLocally(photo, { limit: 1 });
  expect(mean(photo, 40, 64) - mean(photo, 0, 24)).toBeGreaterThan(150);
  expect(Math.abs(mean(lit, 40, 64) - mean(lit, 0, 24))).toBeLessThan(20);
});
