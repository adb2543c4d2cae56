import sharp from 'sharp';
import { LimnError } from '../../common/error.ts';
import type { Image } from '../../image/image.ts';
import { type Dataset, sortedLabels } from '../dataset.ts';
import { pictureOf } from './pictures.node.ts';
import type { Sheet } from './sheet.ts';
import type { Summary } from './summary.node.ts';

/**
 * Up to `perLabel` pictures for each label of the first column. Errors of pictures that turn out to be damaged are
 * collected; they are left out.
 */
export async function picturesPerLabel(
  dataset: Dataset,
  { members }: Summary,
  perLabel: number,
): Promise<{ pictures: Map<string, Image[]>; bad: LimnError[] }> {
  const pictures = new Map(sortedLabels(members).map((label) => [label, [] as Image[]]));
  const chosen = new Map<number, string>();
  for (const [label, indices] of members) {
    const n = Math.min(perLabel, indices.length);
    // Spread evenly over the label's samples: neighbours are often of one person.
    for (let i = 0; i < n; i++) chosen.set(indices[Math.floor((i * indices.length) / n)], label);
  }
  const bad: LimnError[] = [];
  let index = 0;
  for await (const sample of dataset.samples()) {
    const label = chosen.get(index++);
    if (label === undefined) continue;
    try {
      pictures.get(label)!.push(await pictureOf(await sample.content(), sample.name));
    } catch (error) {
      if (!(error instanceof LimnError)) throw error;
      bad.push(error);
    }
  }
  return { pictures, bad };
}

/** A contact sheet as the bytes of a PNG file. */
export async function encodeSheet({ picture, words }: Sheet): Promise<Uint8Array> {
  const { data, width, height } = picture;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .composite([{ input: Buffer.from(words) }])
    .png({ compressionLevel: 6 })
    .toBuffer();
}
