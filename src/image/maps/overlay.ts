import { fail } from '../../common/error.ts';
import { type Image, image, toGrey } from '../image.ts';
import type { Colormap } from './colormap.ts';
import { limitOf, normalise, renderHeatmap } from './heatmap.ts';
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
  const colour = renderHeatmap(fitted, colours, limit).data;
  const strength = normalise(fitted, limit).data;
  const grey = toGrey(photo).data;
  const out = image(width, height);
  const uniform = cover === 'uniform';
  for (let i = 0, o = 0; i < strength.length; i++, o += 3) {
    const alpha = uniform ? opacity : opacity * Math.sqrt(Math.abs(strength[i]));
    // All three channels of a grey photo are the same.
    const under = grey[o] * (1 - alpha);
    out.data[o] = Math.round(under + colour[o] * alpha);
    out.data[o + 1] = Math.round(under + colour[o + 1] * alpha);
    out.data[o + 2] = Math.round(under + colour[o + 2] * alpha);
  }
  return out;
}
