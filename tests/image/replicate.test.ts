/** Photos of any shape as the LRP Toolbox's Caffe program prepares them. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  apply,
  framedPhoto,
  type Image,
  inputTransform,
  networkViews,
  preprocess,
  resizeImage,
} from '../../src/image/index.ts';
import { anyImage } from './pictures.ts';

/**
 * The program's picture, side by side: the longer side of a photo has `base` pixels; along it, the input begins at
 * floor((base − input) / 2); along the other the photo is cut from floor((own − input) / 2) on, or where it is shorter than the
 * input lies floor((input − own) / 2) from its beginning, with its first and last line repeated.
 */
function asProgram(photo: Image, base: number, input: number): number[] {
  const longer = Math.max(photo.width, photo.height);
  const side = (own: number) => Math.max(1, Math.round((own * base) / longer));
  const small = resizeImage(photo, side(photo.height), side(photo.width));
  const from = (own: number, i: number): number => {
    if (own === base) return Math.floor((base - input) / 2) + i;
    if (own >= input) return Math.floor((own - input) / 2) + i;
    return Math.min(Math.max(i - Math.floor((input - own) / 2), 0), own - 1);
  };
  const all: number[] = [];
  for (let y = 0; y < input; y++)
    for (let x = 0; x < input; x++)
      for (let c = 0; c < 3; c++)
        all.push(small.data[(from(small.height, y) * small.width + from(small.width, x)) * 3 + c]);
  return all;
}

const sizes = fc
  .record({ input: fc.integer({ min: 1, max: 16 }), more: fc.integer({ min: 0, max: 9 }) })
  .map(({ input, more }) => ({ input, base: input + more }));

it('repeats what is outermost where the input reaches beyond the photo, as the program does', () => {
  fc.assert(
    fc.property(anyImage(24), sizes, fc.boolean(), (photo, { input, base }, isCut) => {
      const resize = { height: base, width: base, mode: 'replicate' as const };
      const side = isCut ? input : base;
      const how = {
        resize,
        ...(isCut && { crop: { height: input, width: input } }),
        channels: 'rgb' as const,
      };
      const [view] = networkViews(photo, how);
      expect([view.height, view.width]).toEqual([side, side]);
      const expected = asProgram(photo, base, side);
      expect([...view.data]).toEqual(expected);
      const { data } = preprocess([photo], how);
      const plane = side * side;
      for (let i = 0; i < data.length; i++)
        expect(data[i]).toBe(expected[(i % plane) * 3 + Math.floor(i / plane)]);
    }),
    { numRuns: 300 },
  );
});

it('says where a pixel of the photo comes to lie', () => {
  fc.assert(
    fc.property(anyImage(24), sizes, (photo, { input, base }) => {
      // Photos that are as large already: each pixel has one place.
      const longer = Math.max(photo.width, photo.height);
      fc.pre(longer <= base + 8 && longer >= input);
      const resize = { height: longer, width: longer, mode: 'replicate' as const };
      const how = { resize, crop: { height: input, width: input }, channels: 'rgb' as const };
      const [view] = networkViews(photo, how);
      const map = inputTransform(photo, how);
      for (let y = 0; y < photo.height; y++)
        for (let x = 0; x < photo.width; x++) {
          const at = apply(map, { x: x + 0.5, y: y + 0.5 });
          const [row, column] = [Math.floor(at.y), Math.floor(at.x)];
          if (row < 0 || column < 0 || row >= input || column >= input) continue;
          const [seen, own] = [(row * input + column) * 3, (y * photo.width + x) * 3];
          expect([...view.data.slice(seen, seen + 3)]).toEqual([...photo.data.slice(own, own + 3)]);
        }
    }),
    { numRuns: 200 },
  );
});

it('frames sizes that are no squares, too', () => {
  expect(framedPhoto({ height: 10, width: 40 }, { height: 50, width: 100 }, undefined)).toEqual({
    height: 25,
    width: 100,
    top: 12,
    left: 0,
  });
  expect(framedPhoto({ height: 40, width: 10 }, { height: 50, width: 100 }, undefined)).toEqual({
    height: 50,
    width: 13,
    top: 0,
    left: 43,
  });
});
