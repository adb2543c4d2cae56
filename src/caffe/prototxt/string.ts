import { concatenate } from '../../common/bytes.ts';
import { fail } from '../../common/error.ts';
import { type Position, place } from '../position.ts';

const simple: Readonly<Record<string, number>> = {
  n: 10,
  r: 13,
  t: 9,
  a: 7,
  b: 8,
  f: 12,
  v: 11,
  '\\': 92,
  "'": 39,
  '"': 34,
  '?': 63,
};

// Escapes beyond one character: up to three octal digits, one or two hexadecimal ones, or a code point.
const long = /\\(?:([0-7]{1,3})|[xX]([0-9a-fA-F]{1,2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y;

/**
 * The quoted string that starts at `start`, with its escapes resolved, and the index after its closing
 * quote. Bytes, not characters: octal and hexadecimal escapes name bytes, and may spell UTF-8.
 */
export function readString(text: string, start: number, at: Position): { bytes: Uint8Array; end: number } {
  const quote = text[start];
  const parts: Uint8Array[] = [];
  const encoder = new TextEncoder();
  let index = start + 1;
  let plain = index;
  const flush = () => {
    if (plain < index) parts.push(encoder.encode(text.slice(plain, index)));
  };
  while (text[index] !== quote) {
    const char = text[index];
    if (char === undefined || char === '\n') fail(place(at), `this string lacks its closing ${quote}`);
    if (char === '\\') {
      flush();
      const { bytes, length } = readEscape(text, index, { ...at, column: at.column + index - start });
      parts.push(bytes);
      index += length;
      plain = index;
    } else {
      index++;
    }
  }
  flush();
  return { bytes: concatenate(parts), end: index + 1 };
}

function readEscape(text: string, index: number, at: Position): { bytes: Uint8Array; length: number } {
  const byte = simple[text[index + 1] ?? ''];
  if (byte !== undefined) return { bytes: Uint8Array.of(byte), length: 2 };
  const wrong = () =>
    fail(place(at), `unknown escape ${JSON.stringify(text.slice(index, index + 2))} in a string`);
  long.lastIndex = index;
  const found = long.exec(text);
  if (!found) return wrong();
  const code =
    found[1] !== undefined
      ? Number.parseInt(found[1], 8)
      : Number.parseInt(found[2] ?? found[3] ?? found[4], 16);
  const isByte = found[1] !== undefined || found[2] !== undefined;
  if (code > (isByte ? 0xff : 0x10ffff)) return wrong();
  const bytes = isByte ? Uint8Array.of(code) : new TextEncoder().encode(String.fromCodePoint(code));
  return { bytes, length: found[0].length };
}
