import { type AffineMap, compose, moving, scaling, turning } from '../image/index.ts';

/** A square part of a photo that a detector looks at. */
export interface PhotoWindow {
  /** From the detector's square, whose sides are 1 long, to the photo. */
  readonly toPhoto: AffineMap;
  /** Sides of the window beyond which the photo goes on: what reaches over them is cut off. */
  readonly open: {
    readonly left: boolean;
    readonly top: boolean;
    readonly right: boolean;
    readonly bottom: boolean;
  };
}

export interface WindowOptions {
  /** The smallest face that is looked for, in pixels of the photo. */
  readonly minSize: number;
  /** The smallest that the detector finds, as a fraction of its square. */
  readonly smallest: number;
  /** Quarter turns of the photo, clockwise, before it is looked at. */
  readonly turns?: number | undefined;
}

/** So little finer windows are not worth the time: the smallest faces are this much smaller than they should be at most. */
const nearly = 0.8;

/** How much neighbouring windows share: more than the largest face that no coarser level shows as large. */
const shared = 0.3;

/**
 * The windows of a detector of fixed size on a photo of any size: one on the whole photo, and while the smallest faces would be
 * too small in them, windows half as large beside each other. Around the photo is nothing.
 */
export function windowsOf(
  photo: { readonly width: number; readonly height: number },
  { minSize, smallest, turns = 0 }: WindowOptions,
): PhotoWindow[] {
  const { toPhoto: back, ...turned } = turnedPhoto(photo, turns);
  const windows: PhotoWindow[] = [];
  let side = Math.max(turned.width, turned.height);
  for (;;) {
    for (const top of starts(turned.height, side)) {
      for (const left of starts(turned.width, side)) {
        windows.push({
          toPhoto: compose(back, compose(moving(left, top), scaling(side))),
          open: {
            left: left > 0,
            top: top > 0,
            right: left + side < turned.width,
            bottom: top + side < turned.height,
          },
        });
      }
    }
    if (minSize / side >= smallest * nearly) return windows;
    // The last level need not be half as large: windows just so large that the smallest faces are found.
    side = Math.max(side / 2, minSize / smallest);
  }
}

/** Where windows of a length begin, evenly spread over a longer one; 0 where one suffices. */
function starts(length: number, side: number): number[] {
  if (length <= side) return [0];
  const count = 1 + Math.ceil((length - side) / (side * (1 - shared)));
  return Array.from({ length: count }, (_, i) => (i * (length - side)) / (count - 1));
}

/** How large a photo is after quarter turns clockwise, and the way back from its pixels to the photo's. */
export function turnedPhoto(
  photo: { readonly width: number; readonly height: number },
  turns: number,
): { readonly width: number; readonly height: number; readonly toPhoto: AffineMap } {
  const quarter = ((turns % 4) + 4) % 4;
  const [width, height] = quarter % 2 === 0 ? [photo.width, photo.height] : [photo.height, photo.width];
  const corner = [moving(0, 0), moving(0, width), moving(width, height), moving(height, 0)][quarter];
  const [a, b, , d, e] = turning(-90 * quarter).map(Math.round);
  return { width, height, toPhoto: compose(corner, [a, b, 0, d, e, 0]) };
}
