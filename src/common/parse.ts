/**
 * Whether a text is one number in decimals: `-1.5e3`. Its digits can be read in one way only, so that a long text that is none
 * takes no longer than one that is.
 */
export const isDecimal = (text: string): boolean => /^[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?$/i.test(text);

/** A size as people write it: `256`, or `256x320` for height and width; undefined where it is none. */
export function parseExtent(text: string): { height: number; width: number } | undefined {
  const match = /^(\d+)(?:[x×,](\d+))?$/.exec(text);
  const [height, width] = [Number(match?.[1]), Number(match?.[2] ?? match?.[1])];
  return height >= 1 && width >= 1 ? { height, width } : undefined;
}

/** A shape of four numbers: `1,3,224,224`; undefined where it is none. */
export function parseShape(text: string): number[] | undefined {
  const dims = text.split(/[,x×]/).map(Number);
  return dims.length === 4 && dims.every((n) => Number.isSafeInteger(n) && n > 0) ? dims : undefined;
}

/** Whether a text is numbers with commas, and not a path. */
export const isNumbers = (text: string): boolean => /^[-+\d.,eE\s]+$/.test(text);
