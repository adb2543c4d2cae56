import { fail } from './error.ts';

/** A kind of JSON file that limn writes, and how it is told from others. */
export interface VersionedFormat {
  /** The value of its field `format`: a name and its version, as 'limn clusters 1'. */
  readonly format: string;
  /** What it is, as errors call it: 'a report on clusters'. */
  readonly what: string;
  /** What errors say to do. */
  readonly fix: string;
}

/** What a JSON file of limn's holds. Errors, naming `path`: it is no JSON, none of this kind, or of another version. */
export function parseVersioned(text: string, path: string, { format, what, fix }: VersionedFormat): unknown {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    return fail(path, 'it is no JSON', fix);
  }
  const given = (found as { readonly format?: unknown } | null)?.format;
  if (given === format) return found;
  const name = format.slice(0, format.lastIndexOf(' ') + 1);
  return typeof given === 'string' && given.startsWith(name)
    ? fail(path, `it is of another version, '${given}'`, fix)
    : fail(path, `it is not ${what}`, fix);
}
