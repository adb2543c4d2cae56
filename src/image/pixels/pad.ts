import { type Image, image } from '../image.ts';

/** How large an image is with borders that make its aspect ratio `width`:`height`, and where it lies in it. */
export function paddedSize(
  source: { readonly height: number; readonly width: number },
  height: number,
  width: number,
): { height: number; width: number; top: number; left: number } {
  const outWidth = Math.max(source.width, Math.round((source.height * width) / height));
  const outHeight = Math.max(source.height, Math.round((source.width * height) / width));
  return {
    height: outHeight,
    width: outWidth,
    top: Math.floor((outHeight - source.height) / 2),
    left: Math.floor((outWidth - source.width) / 2),
  };
}

/**
 * The image with black borders left and right, or above and below, so that its aspect ratio is `width`:`height`; an
 * odd column or row goes to the right or the bottom, as face-api pads faces.
 */
export function padImage(source: Image, height: number, width: number): Image {
  const size = paddedSize(source, height, width);
  if (size.width === source.width && size.height === source.height) return source;
  const { top, left } = size;
  const out = image(size.width, size.height);
  const stride = source.width * 3;
  for (let row = 0; row < source.height; row++) {
    const from = row * stride;
    out.data.set(source.data.subarray(from, from + stride), ((top + row) * out.width + left) * 3);
  }
  return out;
}
