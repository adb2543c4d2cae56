import { toBase64 } from '../../common/base64.ts';
import type { Image } from '../image.ts';
import {
  captionDepth,
  headingStyle,
  layoutFooter,
  layoutPanel,
  layoutScores,
  muted,
  nameLines,
  PANEL_SIDE,
  paragraph,
  SCORES_WIDTH,
} from './parts.ts';
import { type Figure, PIXELS_PER_UNIT, type PlacedPicture } from './spec.ts';
import { escapeXml } from './text.ts';

/** A figure laid out: everything but the pictures as SVG elements, and the pictures to put on top. */
export interface FigureLayout {
  readonly width: number;
  readonly height: number;
  /** Pixels per unit. */
  readonly density: number;
  readonly title: string;
  readonly elements: string;
  readonly pictures: readonly PlacedPicture[];
}

/** How a figure's pictures become PNG bytes: `encodePng` of encode.node.ts or encode.web.ts. */
export type PngEncoder = (picture: Image) => Promise<Uint8Array>;

const margin = 28;
const gap = 22;

/** Computes what stands where; names too long for their place take several lines. */
export function layoutFigure(figure: Figure): FigureLayout {
  const { panels, scores = [], density = PIXELS_PER_UNIT } = figure;
  const columns = [...panels.map(() => PANEL_SIDE), ...(scores.length > 0 ? [SCORES_WIDTH] : [])];
  const inner = columns.reduce((sum, width) => sum + width, 0) + Math.max(columns.length - 1, 0) * gap;
  const width = inner + 2 * margin;
  const elements: string[] = [];

  let y = margin;
  if (figure.title) {
    const title = paragraph(figure.title, margin, y + 14, inner, headingStyle, nameLines);
    elements.push(title.elements);
    y = title.bottom;
  }
  if (figure.subtitle) {
    const under = { size: 9, colour: muted };
    const subtitle = paragraph(figure.subtitle, margin, y + (figure.title ? 21 : 9), inner, under);
    elements.push(subtitle.elements);
    y = subtitle.bottom;
  }
  if (figure.title || figure.subtitle) y += 24;

  const depth = captionDepth(panels);
  const laidOut = panels.map((panel, i) =>
    layoutPanel(panel, margin + i * (PANEL_SIDE + gap), y, depth, density),
  );
  const list = layoutScores(scores, margin + panels.length * (PANEL_SIDE + gap), y);
  elements.push(...laidOut.map((panel) => panel.elements), list.elements);
  let bottom = Math.max(y, list.bottom, ...laidOut.map((panel) => panel.bottom));

  if (figure.footer) {
    const small = layoutFooter(figure.footer, margin, bottom + 22, inner);
    elements.push(...small.elements);
    bottom = small.bottom;
  }
  return {
    width,
    height: Math.ceil(bottom + margin),
    density,
    title: [figure.title, figure.subtitle].filter(Boolean).join(': ') || 'figure',
    elements: elements.join(''),
    pictures: laidOut.map((panel) => panel.picture),
  };
}

/** A laid out figure as an SVG document; `pictures` are further elements on top. */
export function svgDocument(layout: FigureLayout, pictures = ''): string {
  const { width, height, title, elements } = layout;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">` +
    `<title>${escapeXml(title)}</title><rect width="${width}" height="${height}" fill="#ffffff"/>` +
    `${elements}${pictures}</svg>\n`
  );
}

/**
 * A figure as a self-contained SVG document: pictures as PNG data URLs, letters as paths, nothing that a machine
 * must have installed.
 */
export const figureSvg = (figure: Figure, encode: PngEncoder): Promise<string> =>
  layoutSvg(layoutFigure(figure), encode);

/** A layout as such a document. */
export async function layoutSvg(layout: FigureLayout, encode: PngEncoder): Promise<string> {
  const pictures = await Promise.all(
    layout.pictures.map(async ({ x, y, width, height, image }) => {
      const data = toBase64(await encode(image));
      return `<image x="${x}" y="${y}" width="${width}" height="${height}" href="data:image/png;base64,${data}"/>`;
    }),
  );
  return svgDocument(layout, pictures.join(''));
}
