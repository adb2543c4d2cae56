import { printableLines } from '../common/quoted.ts';

/*
 * All that limn says on a terminal goes through here. Names of files, layers and classes come from anywhere: what would
 * steer the terminal or turn the direction of writing is written out.
 */

/** Results. */
export function toStdout(text: string): void {
  process.stdout.write(printableLines(text));
}

/** Everything that is for people and no result. */
export function toStderr(text: string): void {
  process.stderr.write(printableLines(text));
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
