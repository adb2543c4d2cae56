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

/**
 * Whether a file's name says that it is a picture: one that limn decodes, or a HEIC photo of an iPhone, which only some browsers
 * do. Who looks into a folder is told of those that cannot be read; passed over in silence, half of the photos would be missing.
 */
export const isPicture = (path: string): boolean => /\.(jpe?g|png|webp|tiff?|gif|avif|hei[cf])$/i.test(path);

/** What a page can do with a file, as its name says: `.bmp` is a photo there, which browsers decode and Node does not. */
export function kindOfName(path: string): 'photo' | 'model' | 'run' | 'other' {
  if (isPicture(path) || /\.bmp$/i.test(path)) return 'photo';
  if (/\.onnx$/i.test(path)) return 'model';
  return /(^|\/)log\.jsonl$/.test(path) ? 'run' : 'other';
}

/** The pictures under a folder, as {@link filesUnder} finds them. */
export const picturesUnder = (files: FileSystem, folder: string, except?: string): Promise<string[]> =>
  filesUnder(files, folder, isPicture, { except });

/** Where files under a folder are looked for. */
export interface FilesUnderOptions {
  /** A folder that is left out. */
  readonly except?: string | undefined;
  /** Folders within each other; all unless given, 1 is the folder itself. */
  readonly depth?: number | undefined;
}

/**
 * The files under a folder that `isWanted` takes, as paths relative to it with `/`, in a fixed order. Hidden files and folders
 * are left out; links are followed. Errors name the path.
 */
export async function filesUnder(
  files: FileSystem,
  folder: string,
  isWanted: (path: string) => boolean,
  { except, depth = Number.POSITIVE_INFINITY }: FilesUnderOptions = {},
): Promise<string[]> {
  const found: string[] = [];
  const seen = new Set<string>();
  const leftOut = except === undefined ? undefined : await files.realPath(except).catch(() => undefined);
  const visit = async (relative: string, deeper: number): Promise<void> => {
    const here = relative === '' ? folder : files.join(folder, relative);
    const real = await files.realPath(here);
    if (seen.has(real) || real === leftOut) return;
    seen.add(real);
    for (const { name, kind } of await files.list(here)) {
      if (name.startsWith('.')) continue;
      const path = relative ? `${relative}/${name}` : name;
      if (kind === 'folder') {
        if (deeper > 1) await visit(path, deeper - 1);
      } else if (isWanted(path)) found.push(path);
    }
  };
  await visit('', depth);
  return found;
}
