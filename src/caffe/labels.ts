import { fail } from '../common/error.ts';
import { refuseOtherKinds } from '../common/filekind.ts';

/**
 * Class names, one a line, in class order; blank lines are skipped. WordNet ids before the names, as in
 * `n02123045 tabby, tabby cat`, are left out when every line has one. Errors: no names; a binary file.
 */
export function parseLabels(text: string, file: string): string[] {
  if (text !== '') refuseOtherKinds(text, file, 'a list of class names');
  if (text.includes('\0')) fail(file, 'this is no text file', 'pass a file with one class name a line');
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (lines.length === 0) fail(file, 'the file holds no class names', 'pass a file with one name a line');
  const withId = /^n\d{8}\s+(?=\S)/;
  return lines.every((line) => withId.test(line)) ? lines.map((line) => line.replace(withId, '')) : lines;
}
