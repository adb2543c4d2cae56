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

/** A caption, the place of the picture under it, and the colour scale. */
export function layoutPanel(
  panel: Panel,
  x: number,
  top: number,
  density: number,
): { elements: string; picture: PlacedPicture; bottom: number } {
  const scale = PANEL_SIDE / Math.max(panel.image.width, panel.image.height);
  const width = Math.max(1, Math.round(panel.image.width * scale));
  const height = Math.max(1, Math.round(panel.image.height * scale));
  const resize = panel.enlarge === 'pixels' ? repeatImage : resizeImage;
  const image = resize(panel.image, height * density, width * density);
  const left = x + (PANEL_SIDE - width) / 2;
  const y = top + 20;
  const caption = line(panel.caption, x, top + 8, PANEL_SIDE, { size: 8.6, colour: ink, weight: 'bold' });
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
    parts.push(line(list.title, x, y + 8, SCORES_WIDTH, { size: 8.6, colour: ink, weight: 'bold' }));
    y += 20;
    for (const { label, text, fraction, explained } of list.scores) {
      const style: TextStyle = { size: 8.4, colour: ink, weight: explained ? 'bold' : 'regular' };
      const value = truncate(text, style, SCORES_WIDTH / 2);
      const room = SCORES_WIDTH - textWidth(value, style) - 12;
      parts.push(line(label, x, y + 10, room, style));
      parts.push(textPath(value, x + SCORES_WIDTH, y + 10, { ...style, anchor: 'end' }));
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

/** Title, and under it the subtitle on as many lines as it needs, `width` wide; `bottom` is where the next line stands. */
export function layoutHeading(
  { title, subtitle }: { readonly title: string; readonly subtitle: string },
  x: number,
  top: number,
  width: number,
): { elements: string[]; bottom: number } {
  const elements = [line(title, x, top + 14, width, { size: 13.5, colour: ink, weight: 'bold' })];
  let y = top + 36;
  for (const text of wrap(subtitle, 8.5, width)) {
    elements.push(textPath(text, x, y, { size: 8.5, colour: muted }));
    y += 16;
  }
  return { elements, bottom: y };
}

/** A rule, and under it small print on as many lines as it needs, `width` wide; `bottom` is its last line. */
export function layoutFooter(
  footer: string,
  x: number,
  top: number,
  width: number,
): { elements: string[]; bottom: number } {
  const elements = [rule(x, x + width, top)];
  let y = top + 5;
  for (const text of wrap(footer, 7.5, width)) {
    y += 15;
    elements.push(textPath(text, x, y, { size: 7.5, colour: muted }));
  }
  return { elements, bottom: y };
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
