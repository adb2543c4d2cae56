/*
 * How text that came from outside, of files, names and calls, is shown to people: without what steers a terminal or
 * turns the direction of writing, and no longer than can be read.
 */

import { count } from './format.ts';

/** C0 and C1 controls, what turns the direction of writing, line separators, and halves of surrogate pairs. */
const unprintable =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** A text with every control character written out: ESC as `\x1b`, a turn of direction as `\u202e`. */
export const printable = (text: string): string =>
  text.replace(unprintable, (char) => {
    const code = char.charCodeAt(0);
    return code < 256
      ? `\\x${code.toString(16).padStart(2, '0')}`
      : `\\u${code.toString(16).padStart(4, '0')}`;
  });

/** As {@link printable}, of several lines: line breaks and tabs stay. */
export const printableLines = (text: string): string => text.replace(/[^\n\t]+/g, printable);

/** The most characters of a value in a message. */
const MOST = 80;

/** A text of at most `most` characters: what is longer loses its end, and says so by `…`. */
export function clipped(text: string, most = MOST): string {
  if (text.length <= most) return text;
  // Not between the halves of a surrogate pair.
  const end = /[\ud800-\udbff]/.test(text[most - 2]) ? most - 2 : most - 1;
  return `${text.slice(0, end)}…`;
}

/** An offending value as messages quote it: `'conv1'`. Values of other kinds than text are shown as JSON has them. */
export function quoted(value: unknown): string {
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return `'${printable(clipped(text))}'`;
}

/** The most characters of a message's part, of a stretch without a space, and of what stands in quotes. */
const MOST_SAID = 4000;
const MOST_UNBROKEN = 300;
const MOST_QUOTED = 200;

/**
 * A part of a message as one line that can be read, whatever was put into it: printable, without line breaks, and what
 * is too long (a token of a damaged file, a label of a page) cut.
 */
export const sayable = (text: string): string =>
  clipped(
    printable(text.trim().replace(/\s*\n\s*/g, ' '))
      .replace(/\S{301,}/g, (stretch) => clipped(stretch, MOST_UNBROKEN))
      .replace(/'[^']{201,}'/g, (quote) => `${clipped(quote.slice(0, -1), MOST_QUOTED)}'`),
    MOST_SAID,
  );

/** The first of many, in a message: `a, b, … (1,000)`. */
export function firstOf(texts: readonly (string | number)[], most = 20): string {
  const shown = texts.slice(0, most).map((text) => printable(clipped(String(text))));
  return texts.length > most ? `${shown.join(', ')}, … (${count(texts.length)})` : shown.join(', ');
}
