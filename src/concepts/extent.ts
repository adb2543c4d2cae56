import type { ScalarMap } from '../image/index.ts';
import type { PixelWindow } from './field.ts';

/**
 * The smallest square that holds a share of a map's positive relevance, wherever it has to stand for that; of several as
 * small, the one that holds most, the upper left first. It is never smaller than `least`; where the map is smaller than
 * the square would be, it ends at the map's sides. The whole map where no relevance is positive.
 *
 * @example
 * ```ts
 * import { relevanceExtent } from 'limn/concepts';
 *
 * const map = { width: 4, height: 4, data: new Float32Array(16) };
 * map.data[5] = 1;
 * console.log(relevanceExtent(map, 0.9, 1));
 * ```
 */
export function relevanceExtent(map: ScalarMap, share = 0.8, least = 1): PixelWindow {
  const { width, height } = map;
  const sums = cumulated(map);
  const wanted = share * sums[sums.length - 1];
  if (!(wanted > 0)) return { left: 0, top: 0, width, height };
  // Larger squares hold no less: the smallest is found by halving.
  let [low, high] = [Math.min(least, Math.max(width, height)), Math.max(width, height)];
  while (low < high) {
    const side = Math.floor((low + high) / 2);
    if (fullest(map, sums, side).held >= wanted) high = side;
    else low = side + 1;
  }
  return fullest(map, sums, low).window;
}

/** Sums of the positive values above and to the left of each corner of pixels, (height + 1)·(width + 1). */
function cumulated({ width, height, data }: ScalarMap): Float64Array {
  const sums = new Float64Array((height + 1) * (width + 1));
  for (let y = 0; y < height; y++) {
    let row = 0;
    for (let x = 0; x < width; x++) {
      row += Math.max(0, data[y * width + x]);
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
    }
  }
  return sums;
}

/** The square of a side that holds most. */
function fullest({ width, height }: ScalarMap, sums: Float64Array, side: number) {
  const [w, h] = [Math.min(side, width), Math.min(side, height)];
  const at = (y: number, x: number) => sums[y * (width + 1) + x];
  let [left, top, held] = [0, 0, -1];
  for (let y = 0; y + h <= height; y++) {
    for (let x = 0; x + w <= width; x++) {
      const sum = at(y + h, x + w) - at(y, x + w) - at(y + h, x) + at(y, x);
      if (sum > held) [left, top, held] = [x, y, sum];
    }
  }
  return { window: { left, top, width: w, height: h }, held };
}

/** A window grown to a square of at least `least` pixels where the map has room, about its middle. */
export function squared({ left, top, width, height }: PixelWindow, map: ScalarMap, least = 1): PixelWindow {
  const side = Math.max(width, height, least);
  const along = (start: number, length: number, size: number) => {
    const wide = Math.min(side, size);
    const from = Math.round(start + (length - wide) / 2);
    return { start: Math.min(Math.max(0, from), size - wide), length: wide };
  };
  const [x, y] = [along(left, width, map.width), along(top, height, map.height)];
  return { left: x.start, top: y.start, width: x.length, height: y.length };
}
