import sharp, { type Sharp } from 'sharp';
import { type Write, writeFileAtomic } from '../../common/atomic.node.ts';
import { type Image, image } from '../image.ts';
import { encodePng } from '../pixels/encode.node.ts';
import { type FigureLayout, layoutFigure, layoutSvg, svgDocument } from './figure.ts';
import type { Figure } from './spec.ts';

/** A figure drawn as pixels. */
export const drawFigure = (figure: Figure): Promise<Image> => drawLayout(layoutFigure(figure));

/** An SVG document drawn as pixels on white paper, so many per unit of it. */
export const drawSvg = (svg: string, density: number): Promise<Image> =>
  pixelsOf(readSvg(svg, density).flatten({ background: '#ffffff' }));

// 72 dots per inch is one pixel per unit.
const readSvg = (svg: string, density: number): Sharp => sharp(Buffer.from(svg), { density: 72 * density });

async function pixelsOf(drawing: Sharp): Promise<Image> {
  const { data, info } = await drawing
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return image(info.width, info.height, data, 'figure');
}

/** A layout drawn so. */
export async function drawLayout(layout: FigureLayout): Promise<Image> {
  // The pictures are copied in afterwards: sending them through the SVG as base64 would take most of the time.
  // The document has white paper of its own, so that there is nothing to lay on any.
  const out = await pixelsOf(readSvg(svgDocument(layout), layout.density).removeAlpha());
  for (const picture of layout.pictures) {
    const { width, height, data: pixels } = picture.image;
    for (let row = 0; row < height; row++) {
      const at = ((picture.y * layout.density + row) * out.width + picture.x * layout.density) * 3;
      out.data.set(pixels.subarray(row * width * 3, (row + 1) * width * 3), at);
    }
  }
  return out;
}

/** Writes a figure as PNG, or as SVG where `path` ends so; whole or not at all. */
export const writeFigure = (path: string, figure: Figure, write?: Write): Promise<void> =>
  writeLayout(path, layoutFigure(figure), write);

/** Writes a layout so. */
export async function writeLayout(
  path: string,
  layout: FigureLayout,
  write: Write = writeFileAtomic,
): Promise<void> {
  const svg = /\.svg$/i.test(path);
  await write(path, svg ? await layoutSvg(layout, encodePng) : await encodePng(await drawLayout(layout)));
}
