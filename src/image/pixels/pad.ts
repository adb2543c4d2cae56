import { type Image, image } from '../image.ts';

/**
 * The image with black borders left and right, or above and below, so that its aspect ratio is `width`:`height`; an
 * odd column or row goes to the right or the bottom, as face-api pads faces.
 */
export function padImage(source: Image, height: number, width: number): Image {
  const outWidth = Math.max(source.width, Math.round((source.height * width) / height));
  const outHeight = Math.max(source.height, Math.round((source.width * height) / width));
  if (outWidth === source.width && outHeight === source.height) return source;
  const out = image(outWidth, outHeight);
  const left = Math.floor((outWidth - source.width) / 2);
  const top = Math.floor((outHeight - source.height) / 2);
  const stride = source.width * 3;
  for (let row = 0; row < source.height; row++) {
    const from = row * stride;
    out.data.set(source.data.subarray(from, from + stride), ((top + row) * outWidth + left) * 3);
  }
  return out;
}
