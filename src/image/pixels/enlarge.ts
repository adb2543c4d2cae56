import { type Image, image } from '../image.ts';

/** Nearest-neighbour resize: every output pixel takes the colour of the source pixel its centre lies in. */
export function repeatImage(source: Image, height: number, width: number): Image {
  const out = image(width, height, undefined, 'resize');
  const columns = Int32Array.from(
    { length: width },
    (_, x) => Math.floor(((x + 0.5) * source.width) / width) * 3,
  );
  const stride = width * 3;
  let last = -1;
  for (let y = 0, o = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * source.height) / height);
    if (row === last) {
      out.data.copyWithin(o, o - stride, o);
      o += stride;
      continue;
    }
    last = row;
    const start = row * source.width * 3;
    for (let x = 0; x < width; x++, o += 3) {
      const from = start + columns[x];
      out.data[o] = source.data[from];
      out.data[o + 1] = source.data[from + 1];
      out.data[o + 2] = source.data[from + 2];
    }
  }
  return out;
}
