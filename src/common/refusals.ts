import { LimnError } from './error.ts';
import { andMore, plural } from './format.ts';
import { groupedBy } from './groups.ts';

/** What is wrong with work that is refused in words; undefined where it was done. Other errors are nobody's to gather. */
export function refusalOf(work: () => void): LimnError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof LimnError) return error;
    throw error;
  }
}

/** So many kinds, and places of each, are told by name. */
const mostKinds = 12;
const mostPlaces = 3;

/** How what is refused is told. */
export interface Telling<T> {
  /** What it is, and at once what it is grouped by. */
  readonly kind: (refused: T) => string;
  /** Where it stands. */
  readonly place: (refused: T) => string;
  /** What stands there: `node`. */
  readonly noun: string;
  /** What else is known of a kind. */
  readonly hint?: (kind: string) => string | undefined;
}

/** What is refused, kind by kind, the most frequent first, with how often it is there and where: `Det (2 nodes: 'n0', 'n3'), LSTM ('n2')`. */
export function toldByKind<T>(
  refused: readonly T[],
  { kind, place, noun, hint }: Telling<T>,
): { readonly kinds: number; readonly told: string } {
  const groups = groupedBy(refused, kind);
  const told = [...groups]
    .sort(([, a], [, b]) => b.length - a.length)
    .slice(0, mostKinds)
    .map(([each, of]) => {
      const places = andMore(of.slice(0, mostPlaces).map(place), of.length);
      const more = hint?.(each);
      return `${each} (${of.length > 1 ? `${plural(of.length, noun)}: ` : ''}${places}${more ? `: ${more}` : ''})`;
    });
  return { kinds: groups.size, told: andMore(told, groups.size) };
}
