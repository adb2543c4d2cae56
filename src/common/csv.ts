import { isDecimal } from './parse.ts';

/*
 * The cells of the tables that limn writes for other programs. A spreadsheet takes a cell that begins with one of
 * = + - @, a tab or a line break for a formula and computes it; names of files and labels come from anywhere. Such a cell
 * gets an apostrophe before it, which spreadsheets take as "this is text". Numbers stay numbers.
 */

const formula = /^'*[=+\-@\t\r\uff0b\uff0d\uff1d\uff20]/;

const isNumber = (text: string): boolean => isDecimal(text) || /^-?(?:Infinity|NaN)$/i.test(text);

/** A cell that no spreadsheet computes. What is read back by {@link cellText} is what it was. */
export const inertCell = (text: string): string =>
  formula.test(text) && !isNumber(text) ? `'${text}` : text;

/** The text of a cell that {@link inertCell} wrote. */
export const cellText = (cell: string): string =>
  cell.startsWith("'") && formula.test(cell) ? cell.slice(1) : cell;

/** One record (RFC 4180, LF), with quotes where they are needed. */
export const csvLine = (cells: readonly (string | number)[]): string =>
  `${cells.map((cell) => (typeof cell === 'number' ? numberText(cell) : inQuotes(inertCell(cell)))).join(',')}\n`;

/** A number with the fewest digits that read back as the same float64; `String` loses the sign of −0. */
const numberText = (x: number): string => (Object.is(x, -0) ? '-0' : String(x));

const inQuotes = (text: string): string =>
  /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
