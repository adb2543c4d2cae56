import { fail } from '../common/error.ts';
import type { FaceAlignment } from '../graph/index.ts';
import {
  type AffineMap,
  compose,
  type Image,
  invert,
  lengthScale,
  scaling,
  warpImage,
} from '../image/index.ts';
import { boxCentre } from './box.ts';
import type { FoundFace } from './find.ts';
import { squareAround, toTemplate } from './landmarks.ts';
import { adienceMargin } from './template.ts';

/** All ways in which faces are brought into place. */
export const ALIGNMENTS: readonly FaceAlignment[] = ['similarity', 'rotation', 'none'];

/** The border that Adience's faces have on each side, relative to the face. */
export const usualMargin = adienceMargin;

/** How a face is cut out of a photo. */
export interface FaceCutting {
  /** `similarity` unless given. */
  readonly align?: FaceAlignment | undefined;
  /** The border on each side, relative to the face; {@link usualMargin} unless given. */
  readonly margin?: number | undefined;
  /** Pixels on a side; as many as the photo has there unless given. */
  readonly size?: number | undefined;
}

/** Where a face is cut out. */
export interface FacePlacement {
  /** Pixels on a side of what is cut out. */
  readonly size: number;
  /** From the photo's pixels to those of the face that is cut out. */
  readonly transform: AffineMap;
}

/**
 * Where a face is cut out. With `none` and `rotation` a square around its box, with `similarity` where the landmarks come nearest
 * to those of Adience's faces. Errors: a margin by which nothing would be left.
 */
export function placeFace(
  face: Pick<FoundFace, 'box' | 'landmarks' | 'tilt'>,
  cut: FaceCutting,
): FacePlacement {
  const { align = 'similarity', margin = usualMargin } = cut;
  if (!(margin > -0.5)) fail('margin', `${margin} leaves nothing of a face`, 'give a number above -0.5');
  const square = invert(squareOf(face, align, margin));
  const size = cut.size ?? Math.max(1, Math.round(1 / lengthScale(square)));
  return { size, transform: compose(scaling(size), square) };
}

/** From a square whose sides are 1 long to the photo. */
function squareOf(
  { box, landmarks, tilt }: Pick<FoundFace, 'box' | 'landmarks' | 'tilt'>,
  align: FaceAlignment,
  margin: number,
): AffineMap {
  if (align === 'similarity') {
    return invert(toTemplate(landmarks, margin));
  }
  const side = Math.max(box.width, box.height) * (1 + 2 * margin);
  return squareAround(boxCentre(box), side, align === 'rotation' ? tilt : 0);
}

/** Cuts a face out, not aliased; where the photo ends, its border is repeated. */
export const cutFace = (photo: Image, { size, transform }: FacePlacement): Image =>
  warpImage(photo, invert(transform), { height: size, width: size }, 'repeat');
