import sharp from 'sharp';
import { writeFileAtomic } from '../../common/atomic.node.ts';
import type { Image } from '../image.ts';

/** Filters halve large pictures with photos in them; what a higher level adds is a twentieth, and takes half as long again. */
const large = { compressionLevel: 3, adaptiveFiltering: true };

/** Of small ones there are many, which are done faster without. */
const small = { compressionLevel: 6, adaptiveFiltering: false };

/** An image as the bytes of a PNG file. */
export async function encodePng(picture: Image): Promise<Uint8Array<ArrayBuffer>> {
  const { data, width, height } = picture;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png(width * height > 2 ** 20 ? large : small)
    .toBuffer();
}

/** Writes an image to a PNG file, whole or not at all; errors name the path. */
export async function writePng(path: string, picture: Image): Promise<void> {
  await writeFileAtomic(path, await encodePng(picture));
}
