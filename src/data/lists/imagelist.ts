import { fail } from '../../common/error.ts';

/** One line of an image list: a path and its class. */
export interface ListedImage {
  readonly path: string;
  readonly label: number;
}

/** `path label` lines, LF after each, as Caffe's tools read them. */
export function writeImageList(images: readonly ListedImage[]): string {
  return images.map(({ path, label }) => `${path} ${label}\n`).join('');
}

/**
 * Parses an image list: one `path label` per line, the last space parts them, as Caffe splits, so that paths may
 * hold spaces. Empty lines are passed over. Errors name all broken lines: no label, or one that is no whole number
 * from 0 on.
 *
 * @example
 * ```ts
 * import { parseImageList } from 'limn/data';
 *
 * console.log(parseImageList('faces/a.jpg 0\nfaces/b.jpg 1\n', 'train.txt'));
 * ```
 */
export function parseImageList(text: string, file: string): ListedImage[] {
  const images: ListedImage[] = [];
  const broken: number[] = [];
  text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .forEach((line, i) => {
      if (line.trim() === '') return;
      const match = /^(.*\S)[ \t]+(\d{1,9})\s*$/.exec(line);
      if (match) images.push({ path: match[1].trim(), label: Number(match[2]) });
      else broken.push(i + 1);
    });
  if (broken.length > 0) {
    const more = broken.length > 1 ? ` (${broken.length} such lines: ${firstOf(broken)})` : '';
    fail(
      `${file}:${broken[0]}`,
      `expected 'path label' with a whole number as label${more}`,
      'repair the list',
    );
  }
  if (images.length === 0) fail(file, 'the list is empty', 'give a list with one `path label` per line');
  return images;
}

const firstOf = (lines: readonly number[]): string =>
  lines.slice(0, 20).join(', ') + (lines.length > 20 ? ', …' : '');
