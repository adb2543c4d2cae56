import { concatenate, type FileData } from '../common/bytes.ts';
import type { FolderEntry } from '../common/files.ts';

/** In the order of their names. */
export const sortedEntries = (kinds: ReadonlyMap<string, FolderEntry['kind']>): FolderEntry[] =>
  [...kinds].map(([name, kind]) => ({ name, kind })).sort((a, b) => (a.name < b.name ? -1 : 1));

/** What a file is to hold, as one array. */
export function wholeOf(data: FileData): Uint8Array {
  if (typeof data === 'string') return new TextEncoder().encode(data);
  return data instanceof Uint8Array ? data.slice() : concatenate(data).slice();
}

/** Paths as pages have them, with `/` on every system. */
export const posixPaths = {
  // What a page writes is its own.
  claim: async () => {},
  protect: () => {},
  resume: () => {},
  realPath: async (path: string) => posixPaths.join(path),
  join(...parts: readonly string[]): string {
    const names: string[] = [];
    for (const name of parts.join('/').split('/')) {
      if (name === '' || name === '.') continue;
      if (name === '..' && names.length > 0 && names.at(-1) !== '..') names.pop();
      else names.push(name);
    }
    return `${parts[0]?.startsWith('/') ? '/' : ''}${names.join('/')}`;
  },
  basename(path: string, ending = ''): string {
    const name = path.replace(/\/+$/, '').replace(/^.*\//, '');
    return ending !== '' && name !== ending && name.endsWith(ending) ? name.slice(0, -ending.length) : name;
  },
};
