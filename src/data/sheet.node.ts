import sharp from 'sharp';
import { writeFileAtomic } from '../common/atomic.node.ts';
import type { Sheet } from './sheet.ts';

/** Writes a contact sheet as PNG, whole or not at all; errors name the path. */
export async function writeSheet(path: string, { picture, words }: Sheet): Promise<void> {
  const { data, width, height } = picture;
  const png = await sharp(data, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(words) }])
    .png({ compressionLevel: 6 })
    .toBuffer();
  await writeFileAtomic(path, png);
}
