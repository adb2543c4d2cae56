import sharp from 'sharp';
import { writeFileAtomic } from '../../common/atomic.node.ts';
import type { Image } from '../image.ts';

/** An image as the bytes of a PNG file. */
export async function encodePng(picture: Image): Promise<Uint8Array<ArrayBuffer>> {
  const { data, width, height } = picture;
  return (
    sharp(data, { raw: { width, height, channels: 3 } })
      // Filters halve large pictures with photos in them; small ones, of which there are many, are done faster without.
      .png({ compressionLevel: 6, adaptiveFiltering: width * height > 2 ** 20 })
      .toBuffer()
  );
}

/** Writes an image to a PNG file, whole or not at all; errors name the path. */
export async function writePng(path: string, picture: Image): Promise<void> {
  await writeFileAtomic(path, await encodePng(picture));
}
