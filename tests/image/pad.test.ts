import fc from 'fast-check';
import { expect, it } from 'vitest';
import { image, padImage } from '../../src/image/index.ts';

it('puts the image in the middle of black, an odd column or row more at the end', () => {
  const side = fc.integer({ min: 1, max: 12 });
  fc.assert(
    fc.property(side, side, (height, width) => {
      const source = image(
        width,
        height,
        Uint8Array.from({ length: width * height * 3 }, (_, i) => (i % 255) + 1),
      );
      const out = padImage(source, 112, 112);
      const size = Math.max(height, width);
      expect([out.height, out.width]).toEqual([size, size]);
      const top = Math.floor((size - height) / 2);
      const left = Math.floor((size - width) / 2);
      for (let y = 0; y < size; y++) {
        for (let x = 0; x < size; x++) {
          const inside = y >= top && y < top + height && x >= left && x < left + width;
          const expected = inside ? source.data[((y - top) * width + x - left) * 3] : 0;
          expect(out.data[(y * size + x) * 3]).toBe(expected);
        }
      }
    }),
  );
});

it('pads to other aspect ratios, too', () => {
  const out = padImage(image(10, 10), 50, 100);
  expect([out.height, out.width]).toEqual([10, 20]);
});
