import { fail } from '../../common/error.ts';
import { count } from '../../common/format.ts';
import { field, words } from '../../common/words.ts';
import type { PooledResult } from './entries.ts';
import type { ComparedImages } from './images.ts';

/**
 * Holds each entry's data against that of an earlier one. Faces that were brought into place in another way (`i` and
 * `r` in the results' places) are different files by intention; other differences are an error that names both, unless
 * `allowed`. Returns what a reader must know, in sentences.
 */
export function checkData(
  entries: readonly PooledResult[],
  images: ComparedImages,
  allowed: boolean,
): string[] {
  return entries.slice(1).flatMap((entry, before) => {
    const earlier = entries.slice(0, before + 1);
    const alike = earlier.findIndex((other) => !differByIntention(entry, other));
    const reference = Math.max(0, alike);
    const other = entries[reference];
    const [mine, theirs] = [images.answers[before + 1], images.answers[reference]];
    const common = mine.filter((answer, i) => answer && theirs[i]).length;
    if (common === entry.answers.length && common === other.answers.length) return [];
    const both = `${dataOf(entry)}, and ${dataOf(other)}`;
    if (!allowed && alike >= 0) {
      fail(
        sourceOf(entry),
        `not the data of ${sourceOf(other)}: ${both}; ${common} images in common`,
        words`compare results of the same images, or give ${field('allowDifferentData')} to test models on the images they share`,
      );
    }
    const what =
      common > 0
        ? `differences between them are of the ${common} images that both answered, all other numbers of each one's own`
        : 'they have no images in common and are not tested against each other';
    return [`${entry.name} and ${other.name} were evaluated on different data (${both}): ${what}.`];
  });
}

const sourceOf = ({ sources }: PooledResult): string => sources[0].source;

function differByIntention(one: PooledResult, other: PooledResult): boolean {
  const [a, b] = [one.place.preprocessing, other.place.preprocessing];
  return a !== undefined && b !== undefined && a !== b;
}

/** `3,843 images of lists/age_test.txt, sha256 1a2b3c4d5e6f`. */
function dataOf({ sources, answers }: PooledResult): string {
  const [{ info }] = sources as [PooledResult['sources'][number]];
  const folds = sources.length > 1 ? ` and ${sources.length - 1} more` : '';
  return `${count(answers.length)} images of ${info.data.source}${folds}, sha256 ${info.data.sha256.slice(0, 12)}`;
}

/** A sentence for each setting that entries do not share. */
export function settingsNotes(entries: readonly PooledResult[]): string[] {
  const keys = new Set(entries.flatMap(({ sources }) => Object.keys(sources[0].info.settings)));
  return [...keys].flatMap((key) => {
    const names = new Map<string, string[]>();
    for (const { name, sources } of entries) {
      const value = String(sources[0].info.settings[key] ?? 'not given');
      names.set(value, [...(names.get(value) ?? []), name]);
    }
    if (harmless.has(key) || names.size === 1) return [];
    const each = [...names].map(([value, which]) => `${value} (${which.join(', ')})`);
    return [`Models were evaluated with different settings, ${key}: ${each.join('; ')}.`];
  });
}

/** A sentence for each entry that lacks images, because they could not be read. */
export function skippedNotes(entries: readonly PooledResult[]): string[] {
  return entries.flatMap(({ name, sources }) => {
    const skipped = sources.reduce((sum, { info }) => sum + (info.skipped?.length ?? 0), 0);
    return skipped > 0
      ? [`${name} lacks ${skipped} image${skipped === 1 ? '' : 's'} of its data, which could not be read.`]
      : [];
  });
}

/** Settings that change how fast a result comes, not what it is, and paths. */
const harmless = new Set(['batch', 'threads', 'provider', 'workers', 'data', 'images', 'output']);
