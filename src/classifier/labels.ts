import { fail } from '../common/error.ts';
import { allNear } from '../common/nearest.ts';
import { quoted } from '../common/quoted.ts';

/**
 * The index of the class with a label. Case does not matter. In this order, the first kind of match that exists
 * decides: the whole label; one of its comma-separated names, without ImageNet's synset number (`n02123159 tiger
 * cat`); the beginning of a word; any part.
 * Errors: several labels match equally well; none does, with those that are near it.
 */
export function findLabel(text: string, labels: readonly string[]): number {
  const where = `target ${quoted(text)}`;
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
  const byName = new Map(entries.flatMap((entry) => entry.names.map((name) => [name, entry] as const)));
  const near = new Set(allNear(wanted, [...byName.keys()]).map((name) => byName.get(name)!));
  return fail(
    where,
    'no label matches',
    near.size > 0 ? `the closest are ${list([...near].slice(0, 5))}` : `there are ${list(entries)}`,
  );
}

const normal = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

/** `n02123045 tabby, tabby cat` → `tabby`, `tabby cat`, and all of it without the number. */
function namesOf(label: string): string[] {
  const bare = normal(label).replace(/^n\d{8} /, '');
  return [bare, ...bare.split(',').map((name) => name.trim())];
}

function list(entries: readonly { label: string; index: number }[]): string {
  const shown = entries.slice(0, 8).map(({ label, index }) => `${index} ${quoted(label)}`);
  return shown.join(', ') + (entries.length > 8 ? ', …' : '');
}
