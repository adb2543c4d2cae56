import fc from 'fast-check';
import { type Image, image } from '../../src/image/image.ts';

/** Bytes that look random and are the same everywhere: a linear congruential generator's top byte. */
export function noise(count: number, seed: number): Uint8Array {
  let state = seed;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  });
}

export const noiseImage = (height: number, width: number, seed: number): Image =>
  image(width, height, noise(height * width * 3, seed));

/** Small images of any content. */
export const anyImage = (maxSide = 24): fc.Arbitrary<Image> =>
  fc
    .record({
      height: fc.integer({ min: 1, max: maxSide }),
      width: fc.integer({ min: 1, max: maxSide }),
      seed: fc.nat(),
    })
    .map(({ height, width, seed }) => noiseImage(height, width, seed));

/** The file with a few bytes changed, cut off, or with bytes added. */
export const mutated = (file: Uint8Array, from = 0): fc.Arbitrary<Uint8Array> =>
  fc
    .record({
      edits: fc.array(
        fc.tuple(fc.integer({ min: from, max: file.length - 1 }), fc.integer({ min: 0, max: 255 })),
        {
          maxLength: 4,
        },
      ),
      length: fc.oneof(fc.constant(file.length), fc.integer({ min: 0, max: file.length })),
      extra: fc.oneof(fc.constant(new Uint8Array(0)), fc.uint8Array({ maxLength: 8 })),
    })
    .map(({ edits, length, extra }) => {
      const out = Uint8Array.from(file);
      for (const [at, value] of edits) out[at] = value;
      return Uint8Array.from([...out.subarray(0, length), ...extra]);
    });
