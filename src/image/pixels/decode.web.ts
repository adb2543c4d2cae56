import { fail } from '../../common/error.ts';
import { refuseHeic, refuseOthers, telling } from '../../common/filekind.ts';
import { checkPixelCount, fromRgba, type Image, MAX_PIXELS } from '../image.ts';

/**
 * A photo (a File, a fetched Blob) as 8-bit RGB, decoded by the browser: EXIF rotation applied, colour profiles
 * ignored, transparency composited on white. Browsers' JPEG decoders may differ from Node's by single grey levels.
 * What is no image, or has more than `maxPixels` pixels, is an error that names it.
 */
export async function decodeBlob(blob: Blob, name = 'photo', maxPixels = MAX_PIXELS): Promise<Image> {
  const bitmap = await createImageBitmap(blob, {
    imageOrientation: 'from-image',
    colorSpaceConversion: 'none',
    premultiplyAlpha: 'none',
  }).catch(async () => {
    const start = new Uint8Array(await blob.slice(0, telling).arrayBuffer());
    refuseHeic(start, name);
    refuseOthers(start, name, 'an image', 'picture');
    return fail(name, 'not an image, or damaged', 'give a JPEG, PNG or WebP photo');
  });
  const { width, height } = bitmap;
  try {
    checkPixelCount(width, height, name, maxPixels);
    const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
    if (!context) return fail(name, 'the browser gives no canvas to decode it on');
    context.drawImage(bitmap, 0, 0);
    return fromRgba(context.getImageData(0, 0, width, height), name);
  } finally {
    bitmap.close();
  }
}
