import { type AffineMap, compose, type Image, moving, scaling, warpImage } from '../image/index.ts';
import { turnedPhoto } from './windows.ts';

/** A photo in one of the sizes in which a network of fixed reach looks at it, turned upright and its axes exchanged. */
export interface PyramidLevel {
  /** Rows are the upright photo's columns. */
  readonly picture: Image;
  /** The level's pixels per pixel of the photo. */
  readonly scale: number;
}

/** A picture whose rows are another one's columns. */
export const exchanged: AffineMap = [0, 1, 0, 1, 0, 0];

/** Each level is so much smaller than the one before: about half the area. */
const step = 0.709;

/**
 * The levels in which faces from `minSize` pixels up to the photo's shorter side are `reach` pixels large, one after the other: the
 * finest first. All are drawn from the finest, which alone is as large as the photo can make it.
 */
export function pyramidOf(
  photo: Image,
  {
    minSize,
    reach,
    turns = 0,
  }: { readonly minSize: number; readonly reach: number; readonly turns?: number },
): PyramidLevel[] {
  const { width, height, toPhoto } = turnedPhoto(photo, turns);
  const levels: PyramidLevel[] = [];
  const first = reach / minSize;
  // A photo as large as the smallest face makes one level, whatever the rounding.
  const pixels = (length: number, scale: number) => Math.floor(length * scale + 1e-6);
  for (let scale = first; pixels(Math.min(width, height), scale) >= reach; scale *= step) {
    const extent = { width: pixels(height, scale), height: pixels(width, scale) };
    const finest = levels.at(0)?.picture;
    const picture = finest
      ? warpImage(finest, scaling(first / scale), extent)
      : warpImage(photo, compose(toPhoto, compose(scaling(1 / scale), exchanged)), extent);
    levels.push({ picture, scale });
  }
  return levels;
}

/** A square part of a level. */
export interface PyramidTile {
  readonly square: Image;
  /** Where its first cell lies among the level's, and how many of its cells the level has. */
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}

/**
 * A level in squares of `side` pixels, whose cells (`reach` pixels large, two pixels apart) are together those of the level, each
 * once. Beyond the level is nothing.
 */
export function* tilesOf(
  level: Image,
  { side, reach }: { readonly side: number; readonly reach: number },
): Generator<PyramidTile> {
  const cells = (length: number) => Math.max(0, Math.floor((length - reach) / 2) + 1);
  const [each, allRows, allColumns] = [side, level.height, level.width].map(cells);
  for (let row = 0; row < allRows; row += each) {
    for (let column = 0; column < allColumns; column += each) {
      const square = warpImage(level, moving(2 * column, 2 * row), { width: side, height: side }, 'nothing');
      const [rows, columns] = [Math.min(each, allRows - row), Math.min(each, allColumns - column)];
      yield { square, row, column, rows, columns };
    }
  }
}
