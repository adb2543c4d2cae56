import {
  drawLegend,
  figureAccent,
  fitPicture,
  ink,
  layoutFooter,
  layoutHeading,
  line,
  muted,
  nameLines,
  paragraph,
  rule,
} from '../image/figure/parts.ts';
import { textPath, wrap } from '../image/figure/text.ts';
import { type FigureLayout, type Image, PIXELS_PER_UNIT, type PlacedPicture } from '../image/index.ts';
import { colormap } from '../image/maps/colormap.ts';

/** A reference photo of a channel: the crop, and the same under the channel's relevance. */
export interface ConceptTile {
  readonly picture: Image;
  readonly heat: Image;
}

/** One channel, a row of a sheet. */
export interface ConceptRow {
  readonly title: string;
  /** Its share of the relevance, in words, and as the length of a bar from 0 to 1. */
  readonly share: string;
  readonly fraction: number;
  /** Small print: the interval, what feeds it. */
  readonly notes: readonly string[];
  /** The explained photo under the channel's relevance. */
  readonly photo?: Image | undefined;
  readonly groups: readonly (readonly ConceptTile[])[];
}

/** Channels, one below the other, with the photos that show what they stand for. */
export interface ConceptSheet {
  readonly title: string;
  readonly subtitle: string;
  /** What the groups of tiles are, and how many there are in each. */
  readonly groups: readonly { readonly title: string; readonly tiles: number }[];
  readonly rows: readonly ConceptRow[];
  readonly footer: string;
}

const margin = 28;
const labels = 132;
const side = 66;
const gap = 5;
const between = 22;

/** Computes what stands where in a sheet. */
export function layoutConcepts(sheet: ConceptSheet): FigureLayout {
  const { title, subtitle, groups, rows, footer } = sheet;
  const pictures: PlacedPicture[] = [];
  const large = 2 * side + gap;
  const hasPhoto = rows.some(({ photo }) => photo);
  const first = margin + labels + (hasPhoto ? large + between : 0);
  const widths = groups.map(({ tiles }) => Math.max(1, tiles) * (side + gap) - gap);
  const starts = widths.map((_, i) => first + widths.slice(0, i).reduce((sum, w) => sum + w + between, 0));
  const right = Math.max(first, ...starts.map((start, i) => start + widths[i]), 560);
  const inner = right - margin;

  const { elements, bottom } = layoutHeading(sheet, margin, margin, inner);
  let y = bottom + 14;
  const heading = { size: 8.4, colour: ink, weight: 'bold' } as const;
  if (hasPhoto) elements.push(line('this photo', margin + labels, y, large, heading));
  const titles = groups.map((group, i) =>
    paragraph(group.title, starts[i], y, widths[i] + between - 4, heading, nameLines),
  );
  elements.push(...titles.map((each) => each.elements));
  y = Math.max(y, ...titles.map((each) => each.bottom)) + 10;

  for (const [i, row] of rows.entries()) {
    if (i > 0) elements.push(rule(margin, right, y - 9));
    elements.push(...label(row, y));
    if (row.photo) pictures.push(fitPicture(row.photo, margin + labels, y, large));
    row.groups.forEach((tiles, g) => {
      tiles.forEach(({ picture, heat }, t) => {
        const x = starts[g] + t * (side + gap);
        pictures.push(fitPicture(picture, x, y, side), fitPicture(heat, x, y + side + gap, side));
      });
    });
    y += large + 18;
  }
  elements.push(
    drawLegend({ colours: colormap('black-firered'), limit: 1 }, margin, y, labels + 40, 'sheet-scale'),
  );
  elements.push(
    line(
      'of each photo’s strongest relevance through the channel',
      margin + labels + 56,
      y + 9,
      inner - labels - 56,
      {
        size: 7.5,
        colour: muted,
      },
    ),
  );
  y += 40;
  const small = layoutFooter(footer, margin, y, inner);
  elements.push(...small.elements);
  return {
    width: right + margin,
    height: Math.ceil(small.bottom + margin),
    density: PIXELS_PER_UNIT,
    title: `${title}: ${subtitle}`,
    elements: elements.join(''),
    pictures,
  };
}

/** What stands beside a row: the channel, its share with a bar, small print. */
function label({ title, share, fraction, notes }: ConceptRow, top: number): string[] {
  const width = labels - 20;
  const length = Math.max(0, Math.min(1, fraction)) * width;
  const parts = [
    line(title, margin, top + 10, width, { size: 9.5, colour: ink, weight: 'bold' }),
    line(share, margin, top + 28, width, { size: 8.4, colour: ink }),
    `<path d="M${margin} ${top + 37}h${width}" stroke="${ink}" stroke-opacity="0.1" stroke-width="4"/>`,
    `<path d="M${margin} ${top + 37}h${Math.round(length * 10) / 10}" stroke="${figureAccent}" stroke-width="4"/>`,
  ];
  let y = top + 54;
  for (const note of notes)
    for (const text of wrap(note, { size: 7 }, width)) {
      parts.push(textPath(text, margin, y, { size: 7, colour: muted }));
      y += 12;
    }
  return parts;
}
