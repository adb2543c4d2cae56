import { fail } from '../common/error.ts';
import {
  type Affine,
  compose,
  fitSimilarity,
  type Image,
  invert,
  type Point,
  scaleOf,
  scaling,
  warpImage,
} from '../image/index.ts';
import { boxCentre } from './box.ts';
import type { Face } from './find.ts';
import { PARTS, squareAround } from './landmarks.ts';
import { adienceMargin, templateOf } from './template.ts';

/**
 * How a face is brought into place before it is cut out.
 * - `similarity`: turned, scaled and moved so that its landmarks come to where they are in Adience's aligned faces (the paper's *i*).
 * - `rotation`: turned upright about the middle of its box (the paper's *r*).
 * - `none`: the photo stays as it is.
 */
export type Alignment = 'similarity' | 'rotation' | 'none';

export const ALIGNMENTS: readonly Alignment[] = ['similarity', 'rotation', 'none'];

/** The border that Adience's faces have on each side, relative to the face. */
export const usualMargin: Readonly<Record<Alignment, number>> = {
  similarity: adienceMargin,
  rotation: 0.45,
  none: 0.45,
};

/** How faces are cut out of photos. */
export interface FaceCut {
  readonly align: Alignment;
  /** The border on each side, relative to the face; {@link usualMargin} unless given. */
  readonly margin?: number | undefined;
  /** Pixels on a side; as many as the photo has there unless given. */
  readonly size?: number | undefined;
}

/** Where a face is cut out. */
export interface Placement {
  /** Pixels on a side of what is cut out. */
  readonly size: number;
  /** From the photo's pixels to those of the face that is cut out. */
  readonly transform: Affine;
}

/** The landmarks that decide: not the jaw's, which move with the mouth and are seen from the side. */
const inner = <T>(points: readonly T[]): readonly T[] => points.slice(PARTS.jaw[1]);

/**
 * Where a face is cut out. With `none` and `rotation` a square around its box, with `similarity` where the landmarks come nearest
 * to those of Adience's faces. Errors: a margin by which nothing would be left.
 */
export function placeFace(face: Pick<Face, 'box' | 'landmarks' | 'tilt'>, cut: FaceCut): Placement {
  const { align, margin = usualMargin[align] } = cut;
  if (!(margin > -0.5)) fail('margin', `${margin} leaves nothing of a face`, 'give a number above -0.5');
  const square = invert(squareOf(face, align, margin));
  const size = cut.size ?? Math.max(1, Math.round(1 / scaleOf(square)));
  return { size, transform: compose(scaling(size), square) };
}

/** From a square whose sides are 1 long to the photo. */
function squareOf(
  { box, landmarks, tilt }: Pick<Face, 'box' | 'landmarks' | 'tilt'>,
  align: Alignment,
  margin: number,
): Affine {
  if (align === 'similarity') {
    return invert(fitSimilarity(inner<Point>(landmarks), inner(templateOf(margin))));
  }
  const side = Math.max(box.width, box.height) * (1 + 2 * margin);
  return squareAround(boxCentre(box), side, align === 'rotation' ? tilt : 0);
}

/** Cuts a face out, not aliased; where the photo ends, its border is repeated. */
export const cutFace = (photo: Image, { size, transform }: Placement): Image =>
  warpImage(photo, invert(transform), { height: size, width: size }, 'repeat');
