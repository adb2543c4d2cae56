import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resizeFilters } from '../../src/graph/index.ts';
import { cropPositions } from '../../src/image/pixels/crops.ts';
import { resample } from '../../src/image/pixels/resample.ts';
import { generatedNoise } from './generated.ts';
import { anyImage } from './pictures.ts';

/** The first digits of the SHA-256 of a picture of 37×53 resized by Pillow 12.3, by filter and height×width. */
const pillow = {
  nearest: {
    '20x20': '129f1c4d75bbef00',
    '64x80': 'bbd8cd217113fda8',
    '53x11': '8e6dd19d2ac6fbdd',
    '90x37': '835702d1c311a19d',
    '7x100': '21a40efcf3159c43',
  },
  box: {
    '20x20': '514db15b00a4dca4',
    '64x80': 'bbd8cd217113fda8',
    '53x11': '7dc1cc9aadde0b6a',
    '90x37': '835702d1c311a19d',
    '7x100': 'bb0058b1dc28a7c7',
  },
  bilinear: {
    '20x20': '00826dbb919c353f',
    '64x80': '7c2ba7f6e326613e',
    '53x11': '9ca82807348b3259',
    '90x37': '1f6f771075229d1c',
    '7x100': '8f5d97eaad090c83',
  },
  hamming: {
    '20x20': '91a5ed1fc3414730',
    '64x80': 'cb1bbda727d8c8fa',
    '53x11': '9a66982a2eb13c5b',
    '90x37': '3d21e438ffeaf8ad',
    '7x100': 'b0b127ecc0dacbce',
  },
  bicubic: {
    '20x20': '397c3dd8546e65bf',
    '64x80': '6c034d5be9c40064',
    '53x11': '3e661269e203a200',
    '90x37': '118dcc62a5926f62',
    '7x100': '6081a9c8f3972112',
  },
  lanczos: {
    '20x20': 'abc5f8ed81708328',
    '64x80': 'b1dc1973de898bbe',
    '53x11': '873dc2c5344db196',
    '90x37': 'f734a938c46712dc',
    '7x100': 'c9fb81402ce197d7',
  },
};

describe('resample', () => {
  it.each(resizeFilters)('%s is bit for bit Pillow’s', (filter) => {
    const source = generatedNoise(37, 53);
    for (const [size, expected] of Object.entries(pillow[filter])) {
      const [height, width] = size.split('x').map(Number);
      const { data } = resample(source, height, width, filter);
      expect(createHash('sha256').update(data).digest('hex').slice(0, 16), size).toBe(expected);
    }
  });

  it('is the weighed mean of all pixels under a widened triangle', () => {
    const weigh = (from: number, to: number, i: number) => {
      const stretch = Math.max(1, from / to);
      const distance = (k: number) => Math.abs(k + 0.5 - ((i + 0.5) * from) / to) / stretch;
      const weights = Array.from({ length: from }, (_, k) => Math.max(0, 1 - distance(k)));
      const total = weights.reduce((sum, w) => sum + w, 0);
      return weights.map((w) => w / total);
    };
    const side = fc.integer({ min: 1, max: 30 });
    fc.assert(
      fc.property(anyImage(), side, side, (source, height, width) => {
        const out = resample(source, height, width, 'bilinear');
        for (let y = 0; y < height; y++) {
          const down = weigh(source.height, height, y);
          for (let x = 0; x < width; x++) {
            const across = weigh(source.width, width, x);
            let sum = 0;
            down.forEach((a, i) => {
              across.forEach((b, j) => {
                sum += a * b * source.data[(i * source.width + j) * 3];
              });
            });
            // Rounded twice.
            expect(Math.abs(out.data[(y * width + x) * 3] - sum)).toBeLessThan(1.01);
          }
        }
      }),
      { numRuns: 20 },
    );
  });
});

it('cuts crops as Python rounds: half to even', () => {
  // round((photo − crop) / 2.0) for crops of 10 out of 10 to 18.
  const expected = [0, 0, 1, 2, 2, 2, 3, 4, 4];
  expected.forEach((top, more) => {
    const photo = { height: 10 + more, width: 20 };
    const crop = { height: 10, width: 10 };
    expect(cropPositions(photo, { ...crop, rounding: 'even' }, 'center')).toEqual([
      { top, left: 5, mirror: false },
    ]);
    expect(cropPositions(photo, crop, 'center')[0].top).toBe(more >> 1);
  });
});
