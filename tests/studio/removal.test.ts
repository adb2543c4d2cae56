import fc from 'fast-check';
import { expect, it } from 'vitest';
import { coverRelevant, meanColour, thresholdOf } from '../../src/studio/change/removal.ts';

const map = fc
  .record({ width: fc.integer({ min: 1, max: 7 }), height: fc.integer({ min: 1, max: 7 }) })
  .chain((size) =>
    fc
      .uniqueArray(fc.integer({ min: -999, max: 999 }), {
        minLength: size.width * size.height,
        maxLength: size.width * size.height,
      })
      .map((values) => ({ ...size, data: Float32Array.from(values) })),
  );

it('covers as many pixels as are asked for, and those with most relevance', () => {
  fc.assert(
    fc.property(
      map,
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 1, max: 3 }),
      (given, twentieths, larger) => {
        const { width, height, data } = given;
        const photo = { width: width * larger, height: height * larger };
        const pixels = { ...photo, data: new Uint8ClampedArray(photo.width * photo.height * 4) };
        const share = twentieths / 20;
        // A photo that is so many times as large as what the network sees of it.
        const covered = coverRelevant(
          pixels,
          given,
          [1 / larger, 0, 0, 0, 1 / larger, 0],
          thresholdOf(given, share),
          [7, 8, 9],
        );
        const wanted = Math.round(share * data.length);
        expect(covered).toBe(wanted * larger * larger);
        const most = new Set([...data.keys()].sort((a, b) => data[b] - data[a]).slice(0, wanted));
        for (let y = 0; y < photo.height; y++) {
          for (let x = 0; x < photo.width; x++) {
            const cell = Math.floor(y / larger) * width + Math.floor(x / larger);
            expect(pixels.data[(y * photo.width + x) * 4 + 1]).toBe(most.has(cell) ? 8 : 0);
          }
        }
      },
    ),
  );
});

it('leaves alone what the network does not see', () => {
  const pixels = { width: 4, height: 1, data: new Uint8ClampedArray(16) };
  const seen = { width: 2, height: 1, data: Float32Array.of(1, 2) };
  expect(coverRelevant(pixels, seen, [1, 0, -1, 0, 1, 0], Number.NEGATIVE_INFINITY, [5, 5, 5])).toBe(2);
  expect([0, 4, 8, 12].map((o) => pixels.data[o])).toEqual([0, 5, 5, 0]);
});

it('covers with the mean colour', () => {
  const data = Uint8ClampedArray.of(0, 10, 100, 255, 200, 30, 101, 255);
  expect(meanColour({ width: 2, height: 1, data })).toEqual([100, 20, 101]);
});
