import { printableLines } from '../../common/quoted.ts';
import { CAP_HEIGHT, GLYPHS, SIDE_BEARING } from './glyphs.ts';

/** How a line of text is drawn. */
export interface TextStyle {
  /** Height of a capital letter, in the drawing's units. */
  readonly size: number;
  readonly colour: string;
  readonly weight?: 'regular' | 'bold';
  /** Which point of the line `x` is. */
  readonly anchor?: 'start' | 'middle' | 'end';
}

/** What a line's width depends on. */
type Metrics = Pick<TextStyle, 'size' | 'weight'>;

// Thicker strokes eat the space between letters, so bold letters stand further apart.
const weights = {
  regular: { stroke: 1.5, bearing: SIDE_BEARING },
  bold: { stroke: 2.25, bearing: SIDE_BEARING + 0.35 },
} as const;

// Letters that Unicode does not take apart into a base letter and an accent, and other shapes of what is there.
const replacements: Readonly<Record<string, string>> = {
  '“': '"',
  '”': '"',
  '„': '"',
  '‘': "'",
  '’': "'",
  '‐': '-',
  '‑': '-',
  '•': '·',
  ß: 'ss',
  æ: 'ae',
  Æ: 'AE',
  œ: 'oe',
  Œ: 'OE',
  ø: 'o',
  Ø: 'O',
  ł: 'l',
  Ł: 'L',
  đ: 'd',
  ı: 'i',
};

/** A glyph with the space around it; its path in pieces: numbers are places across, which move with the glyph. */
interface Glyph {
  readonly width: number;
  readonly path: readonly (string | number)[];
}

const made = { regular: new Map<string, Glyph>(), bold: new Map<string, Glyph>() };

function glyphOf(character: string, weight: 'regular' | 'bold'): Glyph {
  const known = made[weight].get(character);
  if (known) return known;
  const [width, path] = Object.hasOwn(GLYPHS, character) ? GLYPHS[character] : GLYPHS['□'];
  const glyph = { width: width + 2 * weights[weight].bearing, path: piecesOf(path) };
  made[weight].set(character, glyph);
  return glyph;
}

/** Which of a command's numbers are places across, and after how many numbers it begins anew. */
const across: Readonly<Record<string, { readonly at: ReadonlySet<number>; readonly every: number }>> = {
  M: { at: new Set([0]), every: 2 },
  L: { at: new Set([0]), every: 2 },
  C: { at: new Set([0, 2, 4]), every: 6 },
  A: { at: new Set([5]), every: 7 },
  H: { at: new Set([0]), every: 1 },
  V: { at: new Set(), every: 1 },
  Z: { at: new Set(), every: 1 },
};

function piecesOf(path: string): (string | number)[] {
  return [...path.matchAll(/([A-Z])([^A-Z]*)/g)].flatMap(([, command, rest]) => {
    const { at, every } = across[command];
    const numbers = rest.match(/-?(?:\d+\.?\d*|\.\d+)/g) ?? [];
    return [
      command,
      ...numbers.flatMap((number, i) => [
        ...(i > 0 ? [' '] : []),
        at.has(i % every) ? Number(number) : number,
      ]),
    ];
  });
}

/** Accents are dropped, white space becomes spaces, and a character without a glyph becomes a box. */
function glyphsOf(text: string, weight: TextStyle['weight'] = 'regular'): Glyph[] {
  const plain = text
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/\s/gu, ' ')
    .replace(/[^ -~]/gu, (character) => replacements[character] ?? character);
  return Array.from(plain, (character) => glyphOf(character, weight));
}

/** The width of a line of text, in the drawing's units. */
export function textWidth(text: string, { size, weight }: Metrics): number {
  return (widthOf(glyphsOf(text, weight)) * size) / CAP_HEIGHT;
}

const widthOf = (glyphs: readonly Glyph[], from = 0): number =>
  glyphs.reduce((sum, glyph) => sum + glyph.width, from);

/**
 * The text, or as much of its beginning as fits into `width` with an ellipsis. Of one word, as names of files and networks are, also as
 * much of its end: beside each other they often begin alike.
 */
export function truncate(text: string, metrics: Metrics, width: number): string {
  if (textWidth(text, metrics) <= width) return text;
  const characters = Array.from(text);
  const isName = !/\s/u.test(text);
  const shortened = (length: number) => {
    const last = isName ? length >> 1 : 0;
    const first = characters
      .slice(0, length - last)
      .join('')
      .trimEnd();
    return `${first}…${characters.slice(characters.length - last).join('')}`;
  };
  let fits = 0;
  let tooLong = characters.length;
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (textWidth(shortened(middle), metrics) <= width) fits = middle;
    else tooLong = middle;
  }
  return shortened(fits);
}

/**
 * Words broken into lines no wider than `width`. A word that alone is wider, as names of files and networks are, is broken behind a mark
 * in it (`_`, `-`, `.`, `/`), and what is still wider anywhere. Of more lines than `most` the last is cut as {@link truncate} does.
 */
export function wrap(
  text: string,
  { size, weight }: Metrics,
  width: number,
  most = Number.POSITIVE_INFINITY,
): string[] {
  const room = (width * CAP_HEIGHT) / size;
  const spaceWidth = glyphOf(' ', weight ?? 'regular').width;
  /** Each line with what stood before it: a space, or nothing within a word. */
  const lines: { gap: string; text: string }[] = [];
  let taken = 0;
  for (const word of text.split(/\s+/).filter(Boolean)) {
    for (const [i, piece] of piecesOfWord(word, weight, room).entries()) {
      const gap = i === 0 ? ' ' : '';
      const glyphs = glyphsOf(piece, weight);
      const longer = widthOf(glyphs, taken + (gap ? spaceWidth : 0));
      const last = lines.at(-1);
      if (last && longer <= room) {
        last.text += gap + piece;
        taken = longer;
      } else {
        lines.push({ gap, text: piece });
        taken = widthOf(glyphs);
      }
    }
  }
  const rest = lines.splice(most - 1).reduce((all, line, i) => all + (i > 0 ? line.gap : '') + line.text, '');
  return [...lines.map((line) => line.text), ...(rest ? [rest] : [])].map((line) =>
    truncate(line, { size, ...(weight && { weight }) }, width),
  );
}

/** Names have no spaces; they are broken behind these marks. */
const parts = /[^_\-./\\:,+]*[_\-./\\:,+]+|[^_\-./\\:,+]+/g;

/** A word whole where it fits, else its parts, and the characters of those that do not fit. */
function piecesOfWord(word: string, weight: TextStyle['weight'], room: number): string[] {
  const fits = (piece: string) => widthOf(glyphsOf(piece, weight)) <= room;
  if (fits(word)) return [word];
  return (word.match(parts) ?? []).flatMap((part) => (fits(part) ? [part] : Array.from(part)));
}

/** A line of text from its own beginning on, in the units of glyphs. */
interface Strokes {
  readonly width: number;
  readonly path: string;
}

/** Lines that were made before, the latest last: of the figures of many photos most are the same, and making one takes long. */
const lines = { regular: new Map<string, Strokes>(), bold: new Map<string, Strokes>() };
const MOST_LINES = 200;

function strokesOf(text: string, weight: TextStyle['weight'] = 'regular'): Strokes {
  const known = lines[weight].get(text);
  if (known) return known;
  const glyphs = glyphsOf(text, weight);
  let path = '';
  let at: number = weights[weight].bearing;
  for (const glyph of glyphs) {
    for (const piece of glyph.path) path += typeof piece === 'number' ? roundCoordinate(at + piece) : piece;
    at += glyph.width;
  }
  const [oldest] = lines[weight].keys();
  if (lines[weight].size === MOST_LINES) lines[weight].delete(oldest);
  const made = { width: widthOf(glyphs), path };
  lines[weight].set(text, made);
  return made;
}

/**
 * A line of text as one SVG path, its baseline at y; a path for each letter would take twice as long to draw. Needs no font; the
 * words stay readable to a screen reader.
 */
export function textPath(text: string, x: number, y: number, style: TextStyle): string {
  const { stroke } = weights[style.weight ?? 'regular'];
  const scale = style.size / CAP_HEIGHT;
  const strokes = strokesOf(text, style.weight);
  const width = strokes.width * scale;
  const start = style.anchor === 'end' ? x - width : style.anchor === 'middle' ? x - width / 2 : x;
  const { path } = strokes;
  return (
    `<g role="img" aria-label="${escapeXml(text)}" fill="none" stroke="${style.colour}" stroke-width="${stroke}"` +
    ` stroke-linecap="round" stroke-linejoin="round"` +
    ` transform="translate(${roundCoordinate(start)} ${roundCoordinate(y)})scale(${roundCoordinate(scale)})">` +
    `${path && `<path d="${path}"/>`}</g>`
  );
}

/** Text as it may stand in XML; control characters, most of which XML forbids, are written out. */
export function escapeXml(text: string): string {
  return printableLines(text)
    .replace(/[\ufffe\uffff]/g, '')
    .replace(/&/g, '&amp;')
    .replace(/</g, '&lt;')
    .replace(/>/g, '&gt;')
    .replace(/"/g, '&quot;');
}

/** Coordinates with three decimals: enough for any figure, and short. */
export const roundCoordinate = (value: number): number => Math.round(value * 1000) / 1000;
