import { type Image, image } from '../image.ts';

/** Nearest-neighbour resize: every output pixel takes the colour of the source pixel its centre lies in. */
export function repeatImage(source: Image, height: number, width: number): Image {
  const out = image(width, height, undefined, 'resize');
  for (let y = 0, o = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * source.height) / height) * source.width;
    for (let x = 0; x < width; x++, o += 3) {
      const from = (row + Math.floor(((x + 0.5) * source.width) / width)) * 3;
      out.data[o] = source.data[from];
      out.data[o + 1] = source.data[from + 1];
      out.data[o + 2] = source.data[from + 2];
    }
  }
  return out;
}
