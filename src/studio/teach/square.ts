import type { ScalarMap } from '../../image/index.ts';
import type { Region } from '../explain/region.ts';

/** A square on a picture, by its middle and its side, as shares of the picture's width and height; it lies within it. */
export interface Square {
  readonly x: number;
  readonly y: number;
  readonly side: number;
}

export const leastSide = 0.08;
export const mostSide = 0.6;

const between = (value: number, least: number, most: number) => Math.max(least, Math.min(most, value));

/** The nearest square that lies within the picture, in thousandths: it stands in the address. */
export function fitted({ x, y, side: asked }: Square): Square {
  const side = thousandths(between(asked, leastSide, mostSide));
  const inside = (at: number) => thousandths(between(at, side / 2, 1 - side / 2));
  return { x: inside(x), y: inside(y), side };
}

const thousandths = (value: number) => Math.round(value * 1000) / 1000;

const step = 0.04;

/** The square that a key makes of one; undefined for other keys. */
export function squareByKey(square: Square, key: string): Square | undefined {
  const { x, y, side } = square;
  const moves: Readonly<Record<string, Square>> = {
    ArrowLeft: { x: x - step, y, side },
    ArrowRight: { x: x + step, y, side },
    ArrowUp: { x, y: y - step, side },
    ArrowDown: { x, y: y + step, side },
    '+': { x, y, side: side + step },
    '=': { x, y, side: side + step },
    '-': { x, y, side: side - step },
  };
  const moved = moves[key];
  return moved && fitted(moved);
}

/** The pixels of a map under a square; at least one. */
export function regionUnder(
  { x, y, side }: Square,
  { width, height }: Pick<ScalarMap, 'width' | 'height'>,
): Region {
  const [columns, rows] = [width, height].map((size) => between(Math.round(side * size), 1, size));
  const left = between(Math.round(x * width - columns / 2), 0, width - columns);
  const top = between(Math.round(y * height - rows / 2), 0, height - rows);
  return { left, top, right: left + columns - 1, bottom: top + rows - 1 };
}

/** The squares of a side over which Σ|R| is largest, and least. */
export function extremeSquares(
  map: ScalarMap,
  side: number,
): { readonly most: Square; readonly least: Square } {
  const { width, height } = map;
  const { right, bottom } = regionUnder({ x: 0, y: 0, side }, map);
  const [columns, rows] = [right + 1, bottom + 1];
  const sums = integral(map);
  const line = width + 1;
  let [most, least] = [
    { sum: Number.NEGATIVE_INFINITY, left: 0, top: 0 },
    { sum: Number.POSITIVE_INFINITY, left: 0, top: 0 },
  ];
  for (let top = 0; top + rows <= height; top++)
    for (let left = 0; left + columns <= width; left++) {
      const [above, below] = [top * line + left, (top + rows) * line + left];
      const sum = sums[below + columns] - sums[below] - sums[above + columns] + sums[above];
      if (sum > most.sum) most = { sum, left, top };
      if (sum < least.sum) least = { sum, left, top };
    }
  const squareAt = ({ left, top }: { readonly left: number; readonly top: number }): Square => ({
    x: (left + columns / 2) / width,
    y: (top + rows / 2) / height,
    side,
  });
  return { most: squareAt(most), least: squareAt(least) };
}

/** Σ|R| over all pixels above and left of a corner, (width + 1) × (height + 1). */
function integral({ width, height, data }: ScalarMap): Float64Array {
  const line = width + 1;
  const sums = new Float64Array(line * (height + 1));
  for (let y = 0, i = 0; y < height; y++)
    for (let x = 0, row = 0; x < width; x++, i++) {
      row += Math.abs(data[i]);
      sums[(y + 1) * line + x + 1] = sums[y * line + x + 1] + row;
    }
  return sums;
}
