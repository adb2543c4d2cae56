import { existsSync } from 'node:fs';
import { resolve as absolute, isAbsolute, join, normalize } from 'node:path';
import { fail, failRequest } from '../common/error.ts';
import { field, words } from '../common/words.ts';

/** Where files are that definitions of other machines name. */
export interface PathOptions {
  /** Paths that begin with a name begin with its value instead; the longest name that fits counts. */
  readonly map?: Readonly<Record<string, string>> | undefined;
  /** A folder that holds what other machines had elsewhere. */
  readonly dataRoot?: string | undefined;
  /** The folder of the file that names the paths. */
  readonly base?: string | undefined;
  /** Told once of each path that is found elsewhere than it says. */
  readonly tell?: ((path: string, found: string) => void) | undefined;
}

/** The place of an existing file or folder that `what` names as `path`; `base` in place of the options' own. */
export type PathResolver = (path: string, what: string, base?: string) => string;

/**
 * Finds files and folders by the paths that networks and solvers of other machines name, in this order:
 * 1. by a name in `map` that fits: there, or it is an error;
 * 2. as it stands: absolute, or relative to the naming file's folder, then, as Caffe has it, to the current one;
 * 3. under `dataRoot`, by the longest end of the path that is there: of `/home/x/lmdb/fold_0/train` that is
 *    `DIR/lmdb/fold_0/train`, else `DIR/fold_0/train`, else `DIR/train`.
 *
 * Errors: a map that is none; a path that is nowhere; two paths that would be the same place under the data root.
 */
export function pathResolver({
  map: mapped = {},
  dataRoot,
  base: own = '.',
  tell,
}: PathOptions): PathResolver {
  const prefixes = Object.entries(mapped)
    .map(prefixOf)
    .sort((a, b) => b.from.length - a.from.length);
  const told = new Set<string>();
  // Which path took which place under the data root, as long as the resolver lives.
  const takenBy = new Map<string, string>();

  const found = (path: string, place: string): string => {
    if (!told.has(path)) tell?.(path, place);
    told.add(path);
    return place;
  };

  return (path, what, base = own) => {
    const map = prefixes.find(({ from }) => startsWith(path, from));
    if (map) {
      const place = join(map.to, path.slice(map.from.length));
      if (existsSync(place)) return found(path, place);
      fail(
        what,
        words`'${path}' is ${place} by ${field('map')}, which is not there`,
        words`correct ${newMap}`,
      );
    }
    // Relative to the naming file's folder, then to the current one, which are often the same.
    const places = isAbsolute(path)
      ? [path]
      : [...new Map([join(base, path), normalize(path)].map((place) => [absolute(place), place])).values()];
    const here = places.find((place) => existsSync(place));
    if (here !== undefined) return here;
    const under = dataRoot === undefined ? undefined : underRoot(path, dataRoot);
    if (under === undefined) {
      const tried = dataRoot === undefined ? places : [...places, `every end of it under ${dataRoot}`];
      const fix =
        dataRoot === undefined
          ? words`give ${field('dataRoot', 'DIR')}, or ${newMap}`
          : words`give ${newMap}`;
      return fail(what, `'${path}' is not there (tried ${tried.join(', ')})`, fix);
    }
    const rival = takenBy.get(under) ?? path;
    if (rival !== path) {
      fail(
        what,
        `'${path}' and '${rival}' would both be ${under}`,
        words`keep more of their paths under ${field('dataRoot')}, or give ${newMap}`,
      );
    }
    takenBy.set(under, path);
    return found(path, under);
  };
}

/** The longest end of a path that is there under a folder. */
function underRoot(path: string, root: string): string | undefined {
  const parts = normalize(path)
    .split('/')
    .filter((part) => part !== '' && part !== '.' && part !== '..');
  const ends = parts.map((_, i) => join(root, ...parts.slice(i)));
  return ends.find((end) => existsSync(end));
}

/** Whole parts only: `/data/old` does not begin `/data/older`. */
const startsWith = (path: string, prefix: string): boolean =>
  path.startsWith(prefix) && (path.length === prefix.length || path[prefix.length] === '/' || prefix === '/');

function prefixOf([from, to]: readonly [string, string]): { readonly from: string; readonly to: string } {
  if (from === '' || to === '') failRequest(words`${field('map')}`, `expected OLD=NEW, got '${from}=${to}'`);
  return { from: from.length > 1 ? from.replace(/\/+$/, '') || '/' : from, to };
}

const newMap = field('map', 'OLD=NEW');
