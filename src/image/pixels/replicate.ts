import type { Extent } from '../../graph/preprocessing.ts';
import { type Image, image } from '../image.ts';
import { cropPositions } from './crops.ts';

/** Where a photo lies in what its border fills. */
export interface FramedPhoto extends Extent {
  readonly top: number;
  readonly left: number;
}

/**
 * The image in a frame of `height`×`width` that its outermost rows and columns fill, its own upper left pixel at `top` and `left`.
 * Nothing of it may lie outside.
 */
export function replicateBorder(
  source: Image,
  height: number,
  width: number,
  { top, left }: { readonly top: number; readonly left: number },
): Image {
  const out = image(width, height);
  const inside = (i: number, size: number): number => Math.min(Math.max(i, 0), size - 1);
  for (let y = 0; y < height; y++) {
    const row = inside(y - top, source.height) * source.width;
    for (let x = 0; x < width; x++) {
      const from = (row + inside(x - left, source.width)) * 3;
      const to = (y * width + x) * 3;
      out.data[to] = source.data[from];
      out.data[to + 1] = source.data[from + 1];
      out.data[to + 2] = source.data[from + 2];
    }
  }
  return out;
}

/**
 * The image padded to a square by repeating its border column or row: floor(difference / 2) copies on the
 * left (top), the rest on the right (bottom), as the Adience data of the paper were prepared.
 */
export function squareImage(source: Image): Image {
  const { width, height } = source;
  if (width === height) return source;
  const side = Math.max(width, height);
  const place = { top: Math.floor((side - height) / 2), left: Math.floor((side - width) / 2) };
  return replicateBorder(source, side, side, place);
}

/**
 * The size at which a photo just fits into `resize` with its aspect ratio kept, and where it lies there, as the LRP Toolbox's
 * Caffe program has it: in the middle, and where the middle lies between two pixels, so that the photo and the input that is cut
 * from the middle begin floor(difference / 2) apart.
 */
export function framedPhoto(
  photo: Extent,
  resize: Extent,
  crop: (Extent & { readonly rounding?: 'even' }) | undefined,
): FramedPhoto {
  const isWide = photo.width * resize.height >= photo.height * resize.width;
  const height = isWide
    ? Math.max(1, Math.round((photo.height * resize.width) / photo.width))
    : resize.height;
  const width = isWide ? resize.width : Math.max(1, Math.round((photo.width * resize.height) / photo.height));
  const input = crop ?? resize;
  const [start] = cropPositions(resize, input, 'center');
  const begin = (own: number, cut: number, from: number): number =>
    own < cut ? from + Math.floor((cut - own) / 2) : from - Math.floor((own - cut) / 2);
  return {
    height,
    width,
    top: begin(height, input.height, start.top),
    left: begin(width, input.width, start.left),
  };
}
