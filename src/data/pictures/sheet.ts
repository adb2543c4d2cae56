import { nameLines, paragraph } from '../../image/figure/parts.ts';
import { type FigureLayout, type Image, type PlacedPicture, resizeImage } from '../../image/index.ts';

/** A row of a contact sheet. */
export interface SheetRow {
  readonly title: string;
  readonly pictures: readonly Image[];
}

const margin = 16;
const gap = 4;
const titleHeight = 28;

/** A contact sheet: rows of pictures, each as large as fits into a square of `side` pixels, a title over each row. */
export function layoutSheet(title: string, rows: readonly SheetRow[], side = 96): FigureLayout {
  const columns = Math.max(...rows.map(({ pictures }) => pictures.length), 4);
  const width = 2 * margin + columns * (side + gap) - gap;
  const style = { size: 9, colour: '#18202b' };
  const titles: string[] = [];
  const pictures: PlacedPicture[] = [];
  let top = margin;
  for (const row of rows) {
    const name = paragraph(row.title, margin, top + 18, width - 2 * margin, style, nameLines);
    titles.push(name.elements);
    top = Math.max(top + 18, name.bottom) + titleHeight - 18;
    for (const [c, picture] of row.pictures.entries()) {
      const image = fitted(picture, side);
      const { width, height } = image;
      const x = margin + c * (side + gap) + ((side - width) >> 1);
      pictures.push({ image, width, height, x, y: top + ((side - height) >> 1) });
    }
    top += side + gap;
  }
  const height = margin + top - (rows.length > 0 ? gap : 0);
  return { width, height, density: 1, title, elements: titles.join(''), pictures };
}

/** A picture whose longer side is as long as that of a square. */
function fitted(picture: Image, side: number): Image {
  const scale = side / Math.max(picture.width, picture.height);
  return resizeImage(
    shrunk(picture, side),
    Math.max(1, Math.round(picture.height * scale)),
    Math.max(1, Math.round(picture.width * scale)),
  );
}

/** Halved until it is less than twice as large as wanted: a bilinear resize alone would skip pixels. */
function shrunk(picture: Image, side: number): Image {
  let out = picture;
  while (Math.max(out.width, out.height) >= 2 * side && Math.min(out.width, out.height) > 1) {
    out = resizeImage(out, out.height >> 1, out.width >> 1);
  }
  return out;
}
