import { fail } from '../../common/error.ts';

/**
 * Which parts of the resized photo the network sees:
 * - `center`: the middle, from floor((size − crop) / 2) on, or where the crop's rounding is `even` from the even one
 *   of the two numbers around an odd half.
 * - `ten`: four corners and the centre, then the same five mirrored (Caffe's oversampling).
 * - `published`: the part the original evaluation of the Adience networks called its centre crop; its rows and
 *   columns start at size − crop, so it is the bottom right corner.
 */
export type Crops = 'center' | 'ten' | 'published';

/** The names that {@link Crops} has. */
export const CROPS: readonly Crops[] = ['center', 'ten', 'published'];

/** Where a crop starts, and whether it is mirrored (left and right exchanged) after cutting. */
export interface CropPosition {
  readonly top: number;
  readonly left: number;
  readonly mirror: boolean;
}

interface Size {
  readonly height: number;
  readonly width: number;
}

/**
 * The positions of the crops of a photo, in the order in which they stand in the batch. `ten`: top left, top
 * right, bottom left, bottom right, centre, then the mirrored five in the same order.
 * A crop larger than the photo is an error that names `name`.
 */
export function cropPositions(
  photo: Size,
  crop: Size & { readonly rounding?: 'even' },
  kind: Crops,
  name = 'crop',
): CropPosition[] {
  const bottom = photo.height - crop.height;
  const right = photo.width - crop.width;
  if (bottom < 0 || right < 0) {
    fail(
      name,
      `a crop of ${crop.height}×${crop.width} does not fit into ${photo.height}×${photo.width}`,
      'resize the photo to at least the crop',
    );
  }
  const middle = crop.rounding === 'even' ? halfToEven : (rest: number) => Math.floor(rest / 2);
  const center = { top: middle(bottom), left: middle(right), mirror: false };
  switch (kind) {
    case 'center':
      return [center];
    case 'published':
      return [{ top: bottom, left: right, mirror: false }];
    case 'ten': {
      const five = [
        { top: 0, left: 0, mirror: false },
        { top: 0, left: right, mirror: false },
        { top: bottom, left: 0, mirror: false },
        { top: bottom, left: right, mirror: false },
        center,
      ];
      return [...five, ...five.map((at) => ({ ...at, mirror: true }))];
    }
    default:
      return fail('crops', `unknown kind ${JSON.stringify(kind)}`, `use one of ${CROPS.join(', ')}`);
  }
}

/** Half of a whole number, x.5 to the even number, as Python rounds. */
function halfToEven(rest: number): number {
  const half = Math.floor(rest / 2);
  return rest % 2 === 1 && half % 2 === 1 ? half + 1 : half;
}
