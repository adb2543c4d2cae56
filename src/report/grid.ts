import {
  drawLegend,
  figureAccent,
  headingStyle,
  ink,
  layoutFooter,
  muted,
  nameLines,
  paragraph,
  rule,
} from '../image/figure/parts.ts';
import { textPath, textWidth, truncate } from '../image/figure/text.ts';
import {
  type FigureLayout,
  type Image,
  type Legend,
  PIXELS_PER_UNIT,
  type PlacedPicture,
  repeatImage,
  resizeImage,
  type Score,
} from '../image/index.ts';

/** One picture of a grid with what stands beneath it. */
export interface GridCell {
  readonly image: Image;
  /** Enlarge smoothly (a photo) or in visible pixels (relevance); `smooth` unless given. */
  readonly enlarge?: 'smooth' | 'pixels' | undefined;
  readonly title?: string | undefined;
  /** Small print under the title. */
  readonly note?: string | undefined;
  readonly scores?: readonly Score[] | undefined;
  /** The colour scale beneath; its ends stand for ±limit. */
  readonly legend?: Legend | undefined;
}

/** Pictures in rows and columns: photos down, models across. */
export interface Grid {
  readonly title?: string;
  readonly subtitle?: string;
  readonly columns: readonly { readonly title: string; readonly note?: string }[];
  /** As many cells in each row as there are columns; an absent one stays free. */
  readonly rows: readonly (readonly (GridCell | undefined)[])[];
  readonly footer?: string;
}

const margin = 28;
const gap = 18;
/** Side of the square that a cell's picture fits into. */
const side = 168;

const columnStyle = { size: 9, colour: ink, weight: 'bold' } as const;
const bold = { size: 8, colour: ink, weight: 'bold' } as const;
const small = { size: 7, colour: muted } as const;

/** Computes what stands where; names too long for their column take several lines. */
export function layoutGrid({ title, subtitle, columns, rows, footer }: Grid): FigureLayout {
  const inner = Math.max(columns.length * (side + gap) - gap, side);
  const elements: string[] = [];
  const pictures: PlacedPicture[] = [];
  const left = (column: number) => margin + column * (side + gap);

  let y = margin;
  if (title) {
    const heading = paragraph(title, margin, y + 14, inner, headingStyle, nameLines);
    elements.push(heading.elements);
    y = heading.bottom;
  }
  if (subtitle) {
    const under = paragraph(subtitle, margin, y + 22, inner, { size: 8.5, colour: muted });
    elements.push(under.elements);
    y = under.bottom;
  }
  if (title || subtitle) y += 26;

  const depths = columns.map((column, i) => {
    const name = paragraph(column.title, left(i), y + 8, side, columnStyle, nameLines);
    elements.push(name.elements);
    if (!column.note) return name.bottom + 12;
    const note = paragraph(column.note, left(i), Math.max(name.bottom, y + 8) + 15, side, small, nameLines);
    elements.push(note.elements);
    return note.bottom + 11;
  });
  y = Math.max(y + 20, ...depths);

  rows.forEach((cells, row) => {
    if (row > 0) {
      elements.push(rule(margin, margin + inner, y));
      y += 18;
    }
    const heights = cells.map((cell) => (cell ? pictureSize(cell.image).height : 0));
    const bottom = y + Math.max(0, ...heights);
    // What stands under names of several lines and of one is on one line.
    const depth = Math.max(
      0,
      ...cells.map((cell) => paragraph(cell?.title ?? '', 0, 0, side, bold, nameLines).bottom),
    );
    const ends = cells.map((cell, i) => {
      if (!cell) return bottom;
      pictures.push(place(cell, left(i), y));
      const beneath = layoutBeneath(cell, left(i), bottom + 8, depth, `scale-${row}-${i}`);
      elements.push(beneath.elements);
      return beneath.bottom;
    });
    y = Math.max(bottom, ...ends) + 20;
  });

  const last = footer ? layoutFooter(footer, margin, y, inner) : { elements: [], bottom: y - 12 };
  elements.push(...last.elements);
  return {
    width: inner + 2 * margin,
    height: Math.ceil(last.bottom + margin),
    density: PIXELS_PER_UNIT,
    title: [title, subtitle].filter(Boolean).join(': ') || 'figure',
    elements: elements.join(''),
    pictures,
  };
}

function pictureSize({ width, height }: Image): { width: number; height: number } {
  const scale = side / Math.max(width, height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
}

function place({ image, enlarge }: GridCell, x: number, y: number): PlacedPicture {
  const { width, height } = pictureSize(image);
  const resize = enlarge === 'pixels' ? repeatImage : resizeImage;
  const drawn = resize(image, height * PIXELS_PER_UNIT, width * PIXELS_PER_UNIT);
  return { x: x + Math.floor((side - width) / 2), y, width, height, image: drawn };
}

function layoutBeneath(
  { title, note, scores = [], legend }: GridCell,
  x: number,
  top: number,
  depth: number,
  id: string,
): { elements: string; bottom: number } {
  const parts: string[] = [];
  let y = top;
  if (title) {
    parts.push(paragraph(title, x, y + 9, side, bold, nameLines).elements);
    y += depth + 13;
  }
  if (note) {
    const under = paragraph(note, x, y + 11, side, small);
    parts.push(under.elements);
    y = under.bottom + 2;
  }
  for (const { label, text, fraction, explained } of scores) {
    y += 13;
    const style = {
      size: 7.4,
      colour: explained ? figureAccent : ink,
      weight: explained ? 'bold' : 'regular',
    } as const;
    const value = truncate(text, style, side / 2);
    const name = paragraph(label, x, y, side - textWidth(value, style) - 8, style, nameLines);
    parts.push(name.elements);
    parts.push(textPath(value, x + side, y, { ...style, anchor: 'end' }));
    y = Math.max(y, name.bottom);
    if (fraction === undefined) continue;
    const share = Math.min(Math.max(Number.isFinite(fraction) ? fraction : 0, 0), 1);
    parts.push(
      `<path d="M${x} ${y + 4.5}h${side}" stroke="${ink}" stroke-opacity="0.1" stroke-width="2"/>` +
        `<path d="M${x} ${y + 4.5}h${Math.round(share * side * 10) / 10}" stroke="${style.colour}" stroke-opacity="0.75" stroke-width="2"/>`,
    );
    y += 6;
  }
  if (legend) {
    y += 8;
    parts.push(drawLegend(legend, x, y, side, id));
    y += 26;
  }
  return { elements: parts.join(''), bottom: y };
}
