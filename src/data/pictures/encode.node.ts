import sharp from 'sharp';
import type { Image } from '../../image/index.ts';

/** A picture as the bytes of a JPEG file, of OpenCV's quality. */
export async function encodeJpeg({ data, width, height }: Image): Promise<Uint8Array> {
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();
}
