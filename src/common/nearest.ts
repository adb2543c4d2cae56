/** A word is near another if no more than a third of its letters must be changed: one of three, two of six. */
const SHARE = 1 / 3;

/** No name that people mistype is longer, and the time grows with the square of the length. */
const LONGEST = 40;

/**
 * The candidates that differ from `word` by the fewest edits, whatever their case, if by no more than a third of its
 * letters; the nearest first.
 */
export function allNear(word: string, candidates: readonly string[]): string[] {
  const limit = Math.floor(word.length * SHARE);
  if (word.length > LONGEST || limit === 0) return [];
  return candidates
    .filter((name) => Math.abs(name.length - word.length) <= limit)
    .map((name) => ({ name, distance: editDistance(word.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance)
    .map(({ name }) => name);
}

/** The nearest candidate; undefined where none is near. */
export const nearest = (word: string, candidates: readonly string[]): string | undefined =>
  allNear(word, candidates)[0];

/** What to say of a word that is none of the names: `did you mean grad-cam? known: lrp, grad-cam`. */
export function meant(word: string, names: readonly string[]): string {
  const near = nearest(word, names);
  return `${near === undefined ? '' : `did you mean ${near}? `}known: ${names.join(', ')}`;
}

/**
 * How many letters must be inserted, removed, replaced or swapped with their neighbours to turn one word into the other
 * (the optimal string alignment distance; Boytsov 2011, section 2.2).
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    [before, above, row] = [above, row, [i]];
    for (let j = 1; j <= b.length; j++) {
      const replace = above[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = isSwap ? before[j - 2] + 1 : replace;
      row.push(Math.min(replace, swap, above[j] + 1, row[j - 1] + 1));
    }
  }
  return row[b.length];
}
