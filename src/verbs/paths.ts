import picomatch from 'picomatch/posix.js';
import { fail } from '../common/error.ts';
import { filesUnder, isPicture } from '../data/index.ts';
import type { Host } from './host.ts';

/** What is looked for where a folder is named. */
export interface Wanted {
  /** In the plural: `photos`. */
  readonly what: string;
  readonly is: (path: string) => boolean;
}

const photos: Wanted = { what: 'photos', is: isPicture };

/** The photos that a request names, as {@link filesNamed} finds them. */
export const photosNamed = (given: readonly string[], host: Host, except?: string): Promise<string[]> =>
  filesNamed(given, photos, host, except);

/**
 * The files that a request names, in its order: files as they are, also those that are missing; of a folder all under it that are
 * wanted; of a pattern (`photos/*.jpg`, `**` for any folders, `{a,b}`) all that fit, each in the order of their names. What is
 * under the folder `except` is left out, where files are made of them. Errors: a folder or pattern without any.
 */
export async function filesNamed(
  given: readonly string[],
  wanted: Wanted,
  host: Host,
  except?: string,
): Promise<string[]> {
  const found: string[] = [];
  for (const path of given) found.push(...(await filesOf(path, wanted, host, except)));
  return found;
}

async function filesOf(
  path: string,
  { what, is }: Wanted,
  { files }: Host,
  except?: string,
): Promise<string[]> {
  const kind = await files.kindOf(path);
  if (kind === 'folder') {
    const under = await filesUnder(files, path, is, { except });
    if (under.length === 0) fail(path, `there are no ${what} in it`, 'name another folder, or the files');
    return under.map((each) => files.join(path, each));
  }
  const { isGlob, base, glob, maxDepth } = picomatch.scan(path, { parts: true });
  if (kind === 'file' || !isGlob) return [path];
  const folder = base === '' ? '.' : base;
  const none = (): never =>
    fail(path, 'no file fits this pattern', 'check it, and the folder that it starts from');
  if ((await files.kindOf(folder)) !== 'folder') return none();
  const fits = picomatch(glob);
  const under = await filesUnder(files, folder, (each) => fits(each), { except, depth: maxDepth });
  return under.length === 0 ? none() : under.map((each) => (base === '' ? each : files.join(base, each)));
}
