import { styleText } from 'node:util';
import { printableLines } from '../common/quoted.ts';

/*
 * All that limn says on a terminal goes through here. Names of files, layers and classes come from anywhere: what would
 * steer the terminal or turn the direction of writing is written out.
 */

/** A text, or a part of it that is set off where the terminal has colours. */
export type Said = string | { readonly style: Style; readonly text: string };

/** How parts of texts are set off. */
export type Style = 'bold' | 'red' | 'yellow';

/** Results. */
export function toStdout(...parts: readonly Said[]): void {
  process.stdout.write(shown(process.stdout, parts));
}

/** Everything that is for people and no result. */
export function toStderr(...parts: readonly Said[]): void {
  process.stderr.write(shown(process.stderr, parts));
}

const shown = (stream: NodeJS.WriteStream, parts: readonly Said[]): string =>
  parts
    .map((part) =>
      typeof part === 'string' ? printableLines(part) : styled(stream, part.style, printableLines(part.text)),
    )
    .join('');

/** A text that holds nothing from outside, set off where the stream takes colours. */
export const styled = (stream: NodeJS.WriteStream, style: Style, text: string): string =>
  takesColours(stream) ? styleText(style, text, { validateStream: false }) : text;

/** `NO_COLOR` (no-color.org) decides, then `FORCE_COLOR`, then whether the stream is a terminal that has colours. */
function takesColours(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR = '', FORCE_COLOR } = process.env;
  if (NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return stream.isTTY === true && stream.hasColors();
}

/** A document of JSON: what a terminal would obey is escaped as JSON has it, and is the same text to all that read it. */
export function jsonToStdout(value: unknown): void {
  const text = JSON.stringify(value, null, 2).replace(
    /[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  process.stdout.write(`${text}\n`);
}

/** Where the cursor goes on stderr. */
export type Move = 'line' | { readonly up: number };

/** Takes away the last line of stderr, or the last `up` ones. */
export function erase(move: Move): void {
  process.stderr.write(move === 'line' ? '\r\x1b[2K' : `\x1b[${move.up}F\x1b[0J`);
}
