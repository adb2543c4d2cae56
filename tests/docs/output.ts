/** A number, with the sign of −0.5 in text set by typographers. */
const number = /[-−]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?/g;

/** How far numbers may be from those in the documentation: processors round differently. */
const tolerance = 0.02;

/**
 * Whether a command printed what its documentation shows: the same words in the same order, numbers nearly the same,
 * and any lines where the documentation has a line with nothing but `…`. Returns the first line that is missing.
 */
export function missingLine(shown: string, printed: string): string | undefined {
  const lines = printed.split('\n');
  let at = 0;
  let anywhere = false;
  for (const line of shown.split('\n')) {
    if (line.trim() === '…') {
      anywhere = true;
      continue;
    }
    const found = lines.findIndex((other, i) => i >= at && alike(line, other));
    if (found < 0 || (found > at && !anywhere)) return line;
    at = found + 1;
    anywhere = false;
  }
  return undefined;
}

function alike(a: string, b: string): boolean {
  const words = (text: string) => text.replace(number, '#').replace(/\s+/g, ' ').trim();
  const numbers = (text: string) =>
    [...text.matchAll(number)].map(([digits]) => Number(digits.replaceAll(',', '').replace('−', '-')));
  if (words(a) !== words(b)) return false;
  const others = numbers(b);
  return numbers(a).every((n, i) => Math.abs(n - others[i]) <= tolerance * Math.max(Math.abs(n), 0.1));
}
