import type { Preprocessing } from '../../graph/index.ts';
import { type Image, networkViews } from '../../image/index.ts';

/** What the pixels that a network sees are like, on the scale 0–255, red, green and blue. */
export interface PixelStatistics {
  readonly mean: readonly number[];
  /** Standard deviation over pixels and photos. */
  readonly std: readonly number[];
  /** Whether all photos are squares, so that all ways to bring them to one are the same. */
  readonly squares: boolean;
}

/** Statistics of photos as they are resized and cropped for a network. Numbers have one decimal. */
export function pixelStatistics(photos: readonly Image[], how: Preprocessing): PixelStatistics {
  const sums = new Float64Array(3);
  const squared = new Float64Array(3);
  let pixels = 0;
  for (const photo of photos) {
    const [view] = networkViews(photo, how);
    view.data.forEach((value, i) => {
      sums[i % 3] += value;
      squared[i % 3] += value * value;
    });
    pixels += view.width * view.height;
  }
  const mean = [...sums].map((sum) => sum / pixels);
  const std = mean.map((each, c) => Math.sqrt(Math.max(0, squared[c] / pixels - each * each)));
  return {
    mean: mean.map(tenths),
    // A constant channel must not divide by zero.
    std: std.map((each) => Math.max(1, tenths(each))),
    squares: photos.every(({ width, height }) => width === height),
  };
}

const tenths = (x: number): number => Math.round(10 * x) / 10;
