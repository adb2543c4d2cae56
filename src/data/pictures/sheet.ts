import { round, textPath, truncate } from '../../image/figure/text.ts';
import { type Image, image } from '../../image/image.ts';
import { resizeImage } from '../../image/pixels/resize.ts';

/** A row of a contact sheet. */
export interface SheetRow {
  readonly title: string;
  readonly pictures: readonly Image[];
}

/** A contact sheet without its words: the picture, and an SVG of the same size that writes them over it. */
export interface Sheet {
  readonly picture: Image;
  readonly words: string;
}

const margin = 16;
const gap = 4;
const titleHeight = 28;

/** Lays out rows of pictures, each as large as fits into a square of `side` pixels, a title over each row. */
export function layoutSheet(rows: readonly SheetRow[], side = 96): Sheet {
  const columns = Math.max(...rows.map(({ pictures }) => pictures.length), 4);
  const width = 2 * margin + columns * (side + gap) - gap;
  const height = 2 * margin + rows.length * (titleHeight + side + gap) - gap;
  const out = image(width, height, new Uint8Array(width * height * 3).fill(255));
  const titles: string[] = [];
  rows.forEach(({ title, pictures }, r) => {
    const top = margin + r * (titleHeight + side + gap);
    const style = { size: 9, colour: '#18202b' };
    titles.push(textPath(truncate(title, style, width - 2 * margin), margin, top + 18, style));
    pictures.forEach((picture, c) => {
      const scale = side / Math.max(picture.width, picture.height);
      const small = resizeImage(
        shrunk(picture, side),
        Math.max(1, Math.round(picture.height * scale)),
        Math.max(1, Math.round(picture.width * scale)),
      );
      const left = margin + c * (side + gap) + ((side - small.width) >> 1);
      paste(out, small, top + titleHeight + ((side - small.height) >> 1), left);
    });
  });
  const words = `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}">${titles.join('')}</svg>`;
  return { picture: out, words };
}

/** Halved until it is less than twice as large as wanted: a bilinear resize alone would skip pixels. */
function shrunk(picture: Image, side: number): Image {
  let out = picture;
  while (Math.max(out.width, out.height) >= 2 * side && Math.min(out.width, out.height) > 1) {
    out = resizeImage(out, out.height >> 1, out.width >> 1);
  }
  return out;
}

function paste(onto: Image, picture: Image, top: number, left: number): void {
  for (let row = 0; row < picture.height; row++) {
    const from = row * picture.width * 3;
    onto.data.set(
      picture.data.subarray(from, from + picture.width * 3),
      ((top + row) * onto.width + left) * 3,
    );
  }
}
