import sharp from 'sharp';
import { writeFileAtomic } from '../../common/atomic.node.ts';
import type { Image } from '../image.ts';

/** Filters halve large pictures with photos in them; what a higher level adds is a twentieth, and takes half as long again. */
const large = { compressionLevel: 3, adaptiveFiltering: true };

/** Figures of many photos. The usual level makes them a seventh smaller and takes twice as long. */
const middling = { compressionLevel: 1, adaptiveFiltering: false };

/** Heatmaps: the usual level makes them a fifteenth smaller and takes twice as long. */
const small = { compressionLevel: 2, adaptiveFiltering: false };

const effortFor = (pixels: number) => (pixels > 2 ** 20 ? large : pixels > 2 ** 18 ? middling : small);

/** An image as the bytes of a PNG file. */
export async function encodePng(picture: Image): Promise<Uint8Array<ArrayBuffer>> {
  const { data, width, height } = picture;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png(effortFor(width * height))
    .toBuffer();
}

/** Writes an image to a PNG file, whole or not at all; errors name the path. */
export async function writePng(path: string, picture: Image): Promise<void> {
  await writeFileAtomic(path, await encodePng(picture));
}
