import type { FileSystem } from '../common/files.ts';
import type { FileStore } from './dataset.ts';

/** The files of a folder; paths are relative to it, absolute ones stay. */
export function folderStore(files: FileSystem, folder: string): FileStore {
  const place = (path: string) => (path.startsWith('/') ? path : files.join(folder, path));
  return {
    place,
    read: (path) => files.read(place(path)),
    async missing(paths) {
      const absent: string[] = [];
      // Some at a time: a hundred thousand at once would hold as many promises and requests.
      for (let i = 0; i < paths.length; i += 256) {
        const some = paths.slice(i, i + 256);
        const kinds = await Promise.all(some.map((path) => files.kindOf(place(path))));
        absent.push(...some.filter((_, j) => kinds[j] !== 'file'));
      }
      return absent;
    },
  };
}

/** Whether a file's name says that it is a picture that limn decodes. */
export const isPicture = (path: string): boolean => /\.(jpe?g|png|webp|tiff?|gif)$/i.test(path);

/**
 * The pictures under a folder, as paths relative to it with `/`, in a fixed order. Hidden files and folders are left
 * out, and the folder `except`; links are followed. Errors name the path.
 */
export async function picturesUnder(files: FileSystem, folder: string, except?: string): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  const leftOut = except === undefined ? undefined : await files.realPath(except).catch(() => undefined);
  const visit = async (relative: string): Promise<void> => {
    const here = relative === '' ? folder : files.join(folder, relative);
    const real = await files.realPath(here);
    if (seen.has(real) || real === leftOut) return;
    seen.add(real);
    for (const { name, kind } of await files.list(here)) {
      if (name.startsWith('.')) continue;
      const path = relative ? `${relative}/${name}` : name;
      if (kind === 'folder') await visit(path);
      else if (isPicture(path)) found.push(path);
    }
  };
  await visit('');
  return found;
}
