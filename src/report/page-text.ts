import { printableLines } from '../common/quoted.ts';

/** Text as it may stand in an HTML element or a quoted attribute; control characters, which HTML forbids, are written out. */
export const escapeHtml = (text: string): string =>
  printableLines(text).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
