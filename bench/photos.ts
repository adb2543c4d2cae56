import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { root } from './bench.ts';

/** As large as the faces of Adience. */
const side = 816;

/**
 * Makes JPEG photos (816×816, quality 90) in a folder: the face of the demo, cut in many ways, with the noise of a
 * camera. Returns their paths.
 */
export async function makePhotos(folder: string, count: number): Promise<string[]> {
  await mkdir(folder, { recursive: true });
  const face = join(root, 'demo/astronaut-face.png');
  const { width, height } = await sharp(face).metadata();
  const noise = await sharp({
    create: {
      width: side,
      height: side,
      channels: 3,
      background: '#808080',
      noise: { type: 'gaussian', mean: 128, sigma: 12 },
    },
  })
    .png()
    .toBuffer();
  const paths = Array.from({ length: count }, (_, i) => join(folder, `photo-${i}.jpg`));
  for (const [i, path] of paths.entries()) {
    if (existsSync(path)) continue;
    const cut = Math.floor(Math.min(width, height) * (0.7 + 0.003 * (i % 100)));
    await sharp(face)
      .extract({ left: width - cut, top: (height - cut) >> 1, width: cut, height: cut })
      .resize(side, side)
      .composite([{ input: noise, blend: 'overlay' }])
      .jpeg({ quality: 90 })
      .toFile(path);
  }
  return paths;
}
