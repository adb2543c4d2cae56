import type { Point } from '../image/index.ts';

/**
 * Where the 68 landmarks lie in Adience's aligned faces, in thousandths of their square: found by the network of landmarks in the
 * mean of the 15,000 training faces of the paper's first fold, whose average face is sharp (six looks, which differ by less than
 * 1 % of the square), and made symmetric.
 */
const places = [
  [205, 304, 210, 383, 222, 456, 235, 522, 261, 598, 301, 660, 348, 703],
  [407, 748, 500, 777, 593, 748, 652, 703, 699, 660, 739, 598, 765, 522],
  [778, 456, 790, 383, 795, 304, 278, 242, 310, 216, 354, 208, 393, 212],
  [427, 223, 573, 223, 607, 212, 646, 208, 690, 216, 722, 242, 500, 323],
  [500, 378, 500, 429, 500, 474, 455, 498, 474, 505, 500, 511, 526, 505],
  [545, 498, 337, 309, 361, 301, 398, 301, 429, 316, 400, 327, 363, 325],
  [571, 316, 602, 301, 639, 301, 663, 309, 637, 325, 600, 327, 398, 589],
  [434, 575, 478, 563, 500, 568, 522, 563, 566, 575, 602, 589, 565, 624],
  [534, 641, 500, 646, 466, 641, 435, 624, 406, 589, 469, 588, 500, 588],
  [531, 588, 594, 589, 530, 607, 500, 610, 470, 607],
].flat();

/** The border around a face in those squares, on each side, relative to the box around the landmarks. */
export const adienceMargin = 0.35;

/** The landmarks in a square whose sides are 1 long, with a border of `margin` times the face on each side. */
export function templateOf(margin: number): Point[] {
  const factor = (1 + 2 * adienceMargin) / (1 + 2 * margin);
  const place = (x: number): number => 0.5 + (x / 1000 - 0.5) * factor;
  return Array.from({ length: places.length / 2 }, (_, i) => ({
    x: place(places[2 * i]),
    y: place(places[2 * i + 1]),
  }));
}
