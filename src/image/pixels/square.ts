import { type Image, image } from '../image.ts';

/**
 * The image padded to a square by repeating its border column or row: floor(difference / 2) copies on the
 * left (top), the rest on the right (bottom), as the Adience data of the paper were prepared.
 */
export function squareImage(source: Image): Image {
  const { width, height } = source;
  if (width === height) return source;
  const side = Math.max(width, height);
  const left = Math.floor((side - width) / 2);
  const top = Math.floor((side - height) / 2);
  const out = image(side, side);
  for (let y = 0; y < side; y++) {
    const row = Math.min(Math.max(y - top, 0), height - 1) * width;
    for (let x = 0; x < side; x++) {
      const from = (row + Math.min(Math.max(x - left, 0), width - 1)) * 3;
      const to = (y * side + x) * 3;
      out.data[to] = source.data[from];
      out.data[to + 1] = source.data[from + 1];
      out.data[to + 2] = source.data[from + 2];
    }
  }
  return out;
}
