import { kindOfName } from '../data/files.ts';
import type { ListedKind } from './files.ts';

/** Documents of limn by the word after `limn` in their format; the first of its fields. */
const documents: Readonly<Record<string, ListedKind>> = {
  result: 'evaluation',
  comparison: 'comparison',
  grid: 'grid',
  faithfulness: 'faithfulness',
  clusters: 'clusters',
  concepts: 'concepts',
};

/** So many bytes of a document's beginning say its kind. */
export const TELLING_BYTES = 200;

/** What a file is by its name; undefined where its beginning says it. */
export const kindByName = (path: string): ListedKind | undefined =>
  /\.json$/i.test(path) ? undefined : kindOfName(path);

/** What a JSON file is by its beginning: a document of limn's, by the format that it says first. */
export function kindByStart(start: string): ListedKind {
  const [, word = ''] = /^\s*\{\s*"format"\s*:\s*"limn ([a-z]+) \d+"/.exec(start) ?? [];
  return Object.hasOwn(documents, word) ? documents[word] : 'other';
}
