import { fail } from './error.ts';
import { count } from './format.ts';

/**
 * The most letters of a text that becomes a tree of values, each of which takes a hundred times its letters in memory:
 * fifty times those of any definition, specification or record that is known.
 */
export const MOST_TREE = 2 ** 26;

/** An error for a text that would not fit into memory as a tree of values. */
export function checkTextSize(text: string, file: string): void {
  if (text.length <= MOST_TREE) return;
  fail(
    file,
    `${count(text.length)} letters, at most ${count(MOST_TREE)} are read of a file of this kind`,
    'check that it is the right file',
  );
}
