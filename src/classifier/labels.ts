import { fail } from '../common/error.ts';

/**
 * The index of the class with a label. Case does not matter. In this order, the first kind of match that exists
 * decides: the whole label; one of its comma-separated names, without ImageNet's synset number (`n02123159 tiger
 * cat`); the beginning of a word; any part.
 * Errors: several labels match equally well; none does, with the closest.
 */
export function findLabel(text: string, labels: readonly string[]): number {
  const where = `target '${text}'`;
  const wanted = normal(text);
  const entries = labels.map((label, index) => ({
    label,
    index,
    whole: normal(label),
    names: namesOf(label),
  }));
  const kinds: ((entry: (typeof entries)[number]) => boolean)[] = [
    ({ whole }) => whole === wanted,
    ({ names }) => names.includes(wanted),
    ({ whole }) => new RegExp(`(?<![\\p{L}\\p{N}])${escaped(wanted)}`, 'u').test(whole),
    ({ whole }) => whole.includes(wanted),
  ];
  for (const kind of kinds) {
    const found = entries.filter(kind);
    if (found.length === 1) return found[0].index;
    if (found.length > 1) {
      fail(where, `${found.length} labels match: ${list(found)}`, 'give more of the label, or the index');
    }
  }
  const closest = entries
    .map((entry) => ({
      ...entry,
      distance: Math.min(...entry.names.map((name) => editDistance(wanted, name))),
    }))
    .sort((x, y) => x.distance - y.distance || x.index - y.index);
  return fail(where, 'no label matches', `the closest are ${list(closest.slice(0, 5))}`);
}

const normal = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** `n02123045 tabby, tabby cat` → `tabby`, `tabby cat`, and all of it without the number. */
function namesOf(label: string): string[] {
  const bare = normal(label).replace(/^n\d{8} /, '');
  return [bare, ...bare.split(',').map((name) => name.trim())];
}

function list(entries: readonly { label: string; index: number }[]): string {
  const shown = entries.slice(0, 8).map(({ label, index }) => `${index} '${label}'`);
  return shown.join(', ') + (entries.length > 8 ? ', …' : '');
}

/** How many letters must be changed, added or removed (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}
