import { checkPixelCount, type Image, image } from '../image.ts';
import type { ScalarMap } from '../maps/map.ts';
import type { Affine } from './affine.ts';

/** What is beyond a picture: its border repeated, or nothing (black, 0). */
export type Beyond = 'repeat' | 'nothing';

interface Samples {
  readonly width: number;
  readonly height: number;
  /** height · width · channels values. */
  readonly data: ArrayLike<number>;
}

/**
 * A picture drawn anew through `toSource`, which says for each place in the result where it is in `source`. Bilinear; where
 * the result is smaller, each pixel is the mean over n×n samples of its area (n the factor, rounded up), so that nothing
 * is aliased.
 */
export function warpImage(
  source: Image,
  toSource: Affine,
  { height, width }: { readonly height: number; readonly width: number },
  beyond: Beyond = 'repeat',
): Image {
  checkPixelCount(width, height, 'warp');
  const out = image(width, height, undefined, 'warp');
  const sums = sample(source, 3, toSource, { height, width }, beyond);
  for (let i = 0; i < sums.length; i++) out.data[i] = Math.round(sums[i]);
  return out;
}

/** The same of one value per pixel, 0 beyond the map. */
export function warpMap(
  source: ScalarMap,
  toSource: Affine,
  { height, width }: { readonly height: number; readonly width: number },
): ScalarMap {
  return { height, width, data: sample(source, 1, toSource, { height, width }, 'nothing') };
}

function sample(
  { width: sourceWidth, height: sourceHeight, data }: Samples,
  channels: 1 | 3,
  [a, b, c, d, e, f]: Affine,
  { height, width }: { readonly height: number; readonly width: number },
  beyond: Beyond,
): Float32Array {
  const out = new Float32Array(height * width * channels);
  const [across, down] = [subdivisions(Math.hypot(a, d)), subdivisions(Math.hypot(b, e))];
  const share = 1 / (across * down);
  const [right, bottom] = [sourceWidth - 1, sourceHeight - 1];
  for (let row = 0, o = 0; row < height; row++) {
    for (let column = 0; column < width; column++, o += channels) {
      let [red, green, blue] = [0, 0, 0];
      for (let j = 0; j < down; j++) {
        const y = row + (j + 0.5) / down;
        for (let i = 0; i < across; i++) {
          const x = column + (i + 0.5) / across;
          const u = a * x + b * y + c - 0.5;
          const v = d * x + e * y + f - 0.5;
          const left = Math.floor(u);
          const top = Math.floor(v);
          if (beyond === 'nothing' && (left < -1 || top < -1 || left > right || top > bottom)) continue;
          const fx = u - left;
          const fy = v - top;
          for (let corner = 0; corner < 4; corner++) {
            let [px, py] = [left + (corner & 1), top + (corner >> 1)];
            const weight = ((corner & 1) === 1 ? fx : 1 - fx) * (corner > 1 ? fy : 1 - fy);
            if (weight === 0) continue;
            if (px < 0 || py < 0 || px > right || py > bottom) {
              if (beyond === 'nothing') continue;
              px = Math.min(Math.max(px, 0), right);
              py = Math.min(Math.max(py, 0), bottom);
            }
            const at = (py * sourceWidth + px) * channels;
            red += weight * data[at];
            if (channels === 1) continue;
            green += weight * data[at + 1];
            blue += weight * data[at + 2];
          }
        }
      }
      out[o] = red * share;
      if (channels === 1) continue;
      out[o + 1] = green * share;
      out[o + 2] = blue * share;
    }
  }
  return out;
}

/** How many samples a pixel of the result needs along an axis that covers so many pixels of the source. */
const subdivisions = (covered: number): number => Math.max(1, Math.ceil(covered - 1e-9));
