import { drawAt } from '../common/random.ts';
import type { ScalarMap } from '../image/index.ts';

/** Rectangles that cover a picture, counted row by row, all of nearly one size. */
export interface Regions {
  readonly height: number;
  readonly width: number;
  readonly count: number;
  /** The region of every pixel, height · width. */
  readonly of: Int32Array;
  /** Pixels of every region. */
  readonly sizes: Float64Array;
}

/**
 * Squares of about `side` pixels over height × width; of one pixel each, regions are pixels. Where the side does not divide
 * the picture they are stretched or narrowed to fill it evenly: slivers at its edges would be regions that cost a step
 * and take hardly anything away.
 */
export function squares(height: number, width: number, side: number): Regions {
  const [down, across] = [height, width].map((length) => Math.max(1, Math.round(length / side)));
  const of = new Int32Array(height * width);
  const sizes = new Float64Array(down * across);
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0; x < width; x++, i++) {
      of[i] = Math.floor((y * down) / height) * across + Math.floor((x * across) / width);
      sizes[of[i]]++;
    }
  return { height, width, count: sizes.length, of, sizes };
}

/** The side of the squares unless it is given: 14 or so to the shorter side of the picture. */
export const usualSide = (height: number, width: number): number =>
  Math.max(1, Math.round(Math.min(height, width) / 14));

/** The sum of a map over every region. */
export function regionSums({ data }: ScalarMap, { of, count }: Regions): Float64Array {
  const sums = new Float64Array(count);
  for (let i = 0; i < of.length; i++) sums[of[i]] += data[i];
  return sums;
}

/** Most relevant first, or least relevant first. */
export type RemovalOrder = 'morf' | 'lerf';

/**
 * The rank of every region when those of the highest mean relevance are taken away first (`morf`), or last (`lerf`, the
 * same order backwards). Equal regions come in a random order that depends on `seed` and `photo` alone: a map that is
 * zero nearly everywhere must not gain by where counting begins.
 */
export function ranks(
  map: ScalarMap,
  regions: Regions,
  order: RemovalOrder,
  seed: number,
  photo: number,
): Int32Array {
  const means = regionSums(map, regions).map((sum, i) => sum / regions.sizes[i]);
  const lot = lots(regions.count, seed, photo);
  const sorted = Array.from(means.keys()).sort((a, b) => means[b] - means[a] || lot[a] - lot[b]);
  const found = new Int32Array(regions.count);
  sorted.forEach((region, rank) => {
    found[region] = order === 'morf' ? rank : regions.count - 1 - rank;
  });
  return found;
}

/** A random word for every region of a photo. */
function lots(count: number, seed: number, photo: number): Uint32Array {
  const drawn = new Uint32Array(count);
  const random = new Uint32Array(4);
  for (let i = 0; i < count; i++) {
    if (i % 4 === 0) drawAt(seed, `ties of photo ${photo}`, i / 4, random);
    drawn[i] = random[i % 4];
  }
  return drawn;
}
