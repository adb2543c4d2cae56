import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp from 'sharp';
import { type Image, image } from '../../src/image/image.ts';

/** A picture of smooth colours that differ with `n`. */
export function gradient(width: number, height: number, n: number): Image {
  const out = image(width, height);
  for (let y = 0, i = 0; y < height; y++) {
    for (let x = 0; x < width; x++, i += 3) {
      out.data[i] = (x * 5 + n * 31) % 256;
      out.data[i + 1] = (y * 7 + n * 17) % 256;
      out.data[i + 2] = (x + y + n * 3) % 256;
    }
  }
  return out;
}

/** Writes a picture file in the format that its path ends in. */
export async function savePicture(folder: string, path: string, picture: Image): Promise<void> {
  const { data, width, height } = picture;
  const to = join(folder, path);
  mkdirSync(dirname(to), { recursive: true });
  const source = sharp(data, { raw: { width, height, channels: 3 } });
  writeFileSync(to, await (path.endsWith('.png') ? source.png() : source.jpeg({ quality: 90 })).toBuffer());
}
