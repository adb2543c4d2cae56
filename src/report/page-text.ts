import { printableLines } from '../common/quoted.ts';

/** Text as it may stand in an HTML element or a quoted attribute; control characters, which HTML forbids, are written out. */
export const escapeHtml = (text: string): string =>
  printableLines(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Prose as such text, in which no number is torn from its unit, sign or name at the end of a line. */
export const proseHtml = (text: string): string =>
  escapeHtml(text)
    .replace(
      /(?<=\d) (?=(?:%|min|ms|s|h|MB|kB|GB|percentage points|images?|persons|tests)(?![\w]))/g,
      '\u00a0',
    )
    .replace(/(?<=\b(?:p|n) (?:=|&#60;|&#62;|≤|≥)) (?=\d)/g, '\u00a0')
    .replace(/(?<=\b[pn]) (?=(?:=|&#60;|&#62;|≤|≥)\s)/g, '\u00a0')
    .replace(/(?<=[\d%]) to (?=[−\d])/g, '\u00a0to\u00a0');
