import { fail } from '../../common/error.ts';
import { type Image, image, toGrey } from '../image.ts';
import { type Colormap, colourTable } from './colormap.ts';
import { limitOf, normalise, tableEntry } from './heatmap.ts';
import { resizeMap, type ScalarMap } from './map.ts';

/** How a heatmap lies over a photo. */
export interface OverlayOptions {
  /** How much the heatmap covers the photo, 0 to 1; 0.85 unless given. */
  readonly opacity?: number;
  /**
   * `relevance` (default): a pixel without relevance shows the photo, one at the limit the colour; in between
   * the cover grows with √|x|, so that weak relevance is seen. `uniform`: every pixel is covered alike.
   */
  readonly cover?: 'relevance' | 'uniform';
  /** The value at the ends of the colour map; the map's largest |R| unless given. */
  readonly limit?: number;
}

/** A heatmap over the photo in grey; the map is resized to the photo (bilinear) where their sizes differ. */
export function overlay(
  photo: Image,
  map: ScalarMap,
  colours: Colormap,
  options: OverlayOptions = {},
): Image {
  const { opacity = 0.85, cover = 'relevance', limit = limitOf(map) } = options;
  if (!(opacity >= 0 && opacity <= 1)) fail('overlay', `the opacity ${opacity} is not in [0, 1]`);
  const { width, height } = photo;
  const fitted = map.width === width && map.height === height ? map : resizeMap(map, height, width);
  const table = colourTable(colours);
  const strength = normalise(fitted, limit).data;
  const grey = toGrey(photo).data;
  const out = image(width, height);
  const { data: pixels } = out;
  const uniform = cover === 'uniform';
  for (let i = 0, o = 0; i < strength.length; i++, o += 3) {
    const alpha = uniform ? opacity : opacity * Math.sqrt(Math.abs(strength[i]));
    const entry = tableEntry(strength[i]);
    // All three channels of a grey photo are the same. A byte takes the whole part: with half more, the nearest.
    const under = grey[o] * (1 - alpha);
    pixels[o] = under + table[entry] * alpha + 0.5;
    pixels[o + 1] = under + table[entry + 1] * alpha + 0.5;
    pixels[o + 2] = under + table[entry + 2] * alpha + 0.5;
  }
  return out;
}
