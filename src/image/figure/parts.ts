import type { Image } from '../image.ts';
import { colourOf } from '../maps/colormap.ts';
import { repeatImage } from '../pixels/enlarge.ts';
import { resizeImage } from '../pixels/resize.ts';
import { type Legend, type Panel, PIXELS_PER_UNIT, type PlacedPicture, type ScoreList } from './spec.ts';
import { escapeXml, roundCoordinate, type TextStyle, textPath, textWidth, truncate, wrap } from './text.ts';

/** Side of the square that a panel's picture fits into. */
export const PANEL_SIDE = 288;
export const SCORES_WIDTH = 264;

export const ink = '#18202b';
export const muted = '#667080';
const faint = '#e6e9ee';
export const figureAccent = '#c8321f';
const neutral = '#8592a6';
const frame = 'stroke="#000000" stroke-opacity="0.18" stroke-width="0.5"';

const captionStyle = { size: 8.6, colour: ink, weight: 'bold' } as const;

/** How far the captions of panels beside each other reach below the first line of one. */
export const captionDepth = (panels: readonly Panel[]): number =>
  Math.max(
    0,
    ...panels.map(({ caption }) => paragraph(caption, 0, 0, PANEL_SIDE, captionStyle, nameLines).bottom),
  );

/** A caption, `depth` deep, the place of the picture under it, and the colour scale. */
export function layoutPanel(
  panel: Panel,
  x: number,
  top: number,
  depth: number,
  density: number,
): { elements: string; picture: PlacedPicture; bottom: number } {
  const scale = PANEL_SIDE / Math.max(panel.image.width, panel.image.height);
  const width = Math.max(1, Math.round(panel.image.width * scale));
  const height = Math.max(1, Math.round(panel.image.height * scale));
  const resize = panel.enlarge === 'pixels' ? repeatImage : resizeImage;
  const image = resize(panel.image, height * density, width * density);
  const left = x + (PANEL_SIDE - width) / 2;
  const y = top + 20 + depth;
  const caption = paragraph(panel.caption, x, top + 8, PANEL_SIDE, captionStyle, nameLines).elements;
  // The frame lies outside, so that it does not matter whether it is drawn before or after the picture.
  const border = `<rect x="${left - 0.25}" y="${y - 0.25}" width="${width + 0.5}" height="${height + 0.5}" fill="none" ${frame}/>`;
  const legendTop = y + height + 14;
  const legend = panel.legend ? drawLegend(panel.legend, x, legendTop) : '';
  return {
    elements: caption + border + legend,
    picture: { x: left, y, width, height, image },
    bottom: panel.legend ? legendTop + 28 : y + height,
  };
}

/** A colour scale from −limit, or from 0, to +limit, 28 units high. `id` tells it from others in the same document. */
export function drawLegend(
  { colours, limit, ends: [lowEnd, highEnd] = ['against', 'for'], fromZero = false }: Legend,
  x: number,
  y: number,
  width = PANEL_SIDE,
  id = `scale-${colours.name}-${x}`,
): string {
  const steps = 64;
  const stops = Array.from({ length: steps + 1 }, (_, i) => {
    const rgb = colourOf(colours, fromZero ? i / steps : (2 * i) / steps - 1).map((value) =>
      Math.round(value * 255),
    );
    return `<stop offset="${roundCoordinate(i / steps)}" stop-color="rgb(${rgb.join(',')})"/>`;
  });
  const style = { size: 7.5, colour: muted } as const;
  const right = x + width;
  const middle = x + width / 2;
  const low = fromZero ? '0' : `${shortNumber(-limit)}  ${lowEnd}`;
  const high = fromZero ? shortNumber(limit) : `${highEnd}  ${limit > 0 ? '+' : ''}${shortNumber(limit)}`;
  // The tick says where 0 is, too.
  const hasRoom = textWidth(low, style) + 5 < width / 2;
  return [
    `<defs><linearGradient id="${id}">${stops.join('')}</linearGradient></defs>`,
    `<rect x="${x}" y="${y}" width="${width}" height="10" rx="2" fill="url(#${id})" ${frame}/>`,
    fromZero ? '' : `<path d="M${middle} ${y + 10}v3" stroke="${muted}" stroke-width="0.8"/>`,
    textPath(low, x, y + 25, style),
    hasRoom && !fromZero ? textPath('0', middle, y + 25, { ...style, anchor: 'middle' }) : '',
    textPath(high, right, y + 25, { ...style, anchor: 'end' }),
  ].join('');
}

/** Lists of labels with values and bars, one list under the other. */
export function layoutScores(
  lists: readonly ScoreList[],
  x: number,
  top: number,
): { elements: string; bottom: number } {
  const parts: string[] = [];
  let y = top;
  for (const [i, list] of lists.entries()) {
    if (i > 0) y += 14;
    const title = paragraph(list.title, x, y + 8, SCORES_WIDTH, captionStyle, nameLines);
    parts.push(title.elements);
    y = Math.max(y + 8, title.bottom) + 12;
    for (const { label, text, fraction, explained } of list.scores) {
      const style: TextStyle = { size: 8.4, colour: ink, weight: explained ? 'bold' : 'regular' };
      const value = truncate(text, style, SCORES_WIDTH / 2);
      const room = SCORES_WIDTH - textWidth(value, style) - 12;
      const name = paragraph(label, x, y + 10, room, style, nameLines);
      parts.push(name.elements);
      parts.push(textPath(value, x + SCORES_WIDTH, y + 10, { ...style, anchor: 'end' }));
      y = Math.max(y, name.bottom - 10);
      if (fraction === undefined) {
        y += 22;
        continue;
      }
      parts.push(bar(x, y + 17, SCORES_WIDTH, faint));
      const share = Math.min(Math.max(Number.isFinite(fraction) ? fraction : 0, 0), 1);
      // Never shorter than it is high: a rounded bar of less would be a sliver.
      if (share > 0) {
        parts.push(bar(x, y + 17, Math.max(share * SCORES_WIDTH, 6), explained ? figureAccent : neutral));
      }
      y += 37;
    }
  }
  return { elements: parts.join(''), bottom: y - 14 };
}

const bar = (x: number, y: number, length: number, colour: string): string =>
  `<rect x="${x}" y="${y}" width="${roundCoordinate(length)}" height="6" rx="3" fill="${colour}"/>`;

/** A picture in the middle of a square, of {@link PIXELS_PER_UNIT}; x and y are whole. */
export function fitPicture(image: Image, x: number, y: number, side: number): PlacedPicture {
  const scale = side / Math.max(image.width, image.height);
  const [width, height] = [image.width * scale, image.height * scale].map((n) => Math.max(1, Math.round(n)));
  return {
    x: x + Math.floor((side - width) / 2),
    y: y + Math.floor((side - height) / 2),
    width,
    height,
    image: resizeImage(image, height * PIXELS_PER_UNIT, width * PIXELS_PER_UNIT),
  };
}

/** A thin horizontal line. */
export const rule = (from: number, to: number, y: number): string =>
  `<path d="M${from} ${y}H${to}" stroke="${faint}"/>`;

/** A text that is cut to its place, with the whole of it as a tooltip. */
export function line(text: string, x: number, y: number, width: number, style: TextStyle): string {
  const shown = truncate(text, style, width);
  const path = textPath(shown, x, y, style);
  return shown === text ? path : `<g><title>${escapeXml(text)}</title>${path}</g>`;
}

/** What a paragraph takes. */
interface Paragraph {
  readonly elements: string;
  /** The baseline of its last line; one line above `y` where there is no text. */
  readonly bottom: number;
}

/**
 * A text on as many lines as it needs, `width` wide, the first with its baseline at y. Of more lines than `most` the last is cut, with the
 * whole of the text as a tooltip.
 */
export function paragraph(
  text: string,
  x: number,
  y: number,
  width: number,
  style: TextStyle,
  most?: number,
): Paragraph {
  const shown = wrap(text, style, width, most);
  // Whole, so that pictures underneath lie on whole pixels.
  const leading = Math.round(2 * style.size);
  const drawn = shown.map((each, i) => textPath(each, x, y + i * leading, style)).join('');
  const isWhole = shown.join('').replace(/\s/g, '') === text.replace(/\s/g, '');
  return {
    elements: isWhole ? drawn : `<g><title>${escapeXml(text)}</title>${drawn}</g>`,
    bottom: y + (shown.length - 1) * leading,
  };
}

/** So many lines a name takes at most: of a network, a class, a photo, a layer. */
export const nameLines = 3;

/** Title, and under it the subtitle on as many lines as they need, `width` wide; `bottom` is where the next line stands. */
export function layoutHeading(
  { title, subtitle }: { readonly title: string; readonly subtitle: string },
  x: number,
  top: number,
  width: number,
): { elements: string[]; bottom: number } {
  const heading = paragraph(title, x, top + 14, width, headingStyle, nameLines);
  const under = paragraph(subtitle, x, heading.bottom + 22, width, { size: 8.5, colour: muted });
  return { elements: [heading.elements, under.elements], bottom: under.bottom + 16 };
}

/** How a figure's title is written. */
export const headingStyle = { size: 13.5, colour: ink, weight: 'bold' } as const;

/** A rule, and under it small print on as many lines as it needs, `width` wide; `bottom` is its last line. */
export function layoutFooter(
  footer: string,
  x: number,
  top: number,
  width: number,
): { elements: string[]; bottom: number } {
  const small = paragraph(footer, x, top + 20, width, { size: 7.5, colour: muted });
  return { elements: [rule(x, x + width, top), small.elements], bottom: small.bottom };
}

/** Three significant digits with a true minus sign, and no more than three noughts: −0.0123, 4.5e−7, 1.2e8. */
export function shortNumber(value: number): string {
  const rounded = Number(value.toPrecision(3));
  const size = Math.abs(rounded);
  const isPlain = size === 0 || (size >= 1e-4 && size < 1e6);
  return (isPlain ? String(rounded) : rounded.toExponential())
    .replace('e+', 'e')
    .replace(/^-0$/, '0')
    .replace(/-/g, '−');
}
