import { fail, LimnError } from './error.ts';

interface Meaning {
  readonly what: string;
  readonly fix?: string;
  /** The machine's trouble, not the path's: other paths fare no better. */
  readonly everywhere?: true;
}

const meanings: Readonly<Record<string, Meaning>> = {
  ENOENT: { what: 'no such file or folder', fix: 'check the path' },
  EISDIR: { what: 'is a folder', fix: 'give a file' },
  ENOTDIR: { what: 'a part of the path is a file, not a folder', fix: 'check the path' },
  EACCES: { what: 'permission denied', fix: 'check who may read and write it' },
  EPERM: { what: 'permission denied', fix: 'check who may read and write it' },
  EROFS: { what: 'the file system is read-only', fix: 'choose another folder' },
  EEXIST: { what: 'a file of that name is in the way', fix: 'choose another path' },
  ENXIO: { what: 'is no regular file', fix: 'save what it gives in a file, and give that' },
  ENAMETOOLONG: { what: 'the path is too long', fix: 'choose a shorter one' },
  ELOOP: { what: 'the path is a loop of links', fix: 'check the path' },
  ETXTBSY: { what: 'is a program that runs', fix: 'choose another path' },
  EFBIG: { what: 'the file is too large for its file system', fix: 'choose another disk' },
  ERR_FS_FILE_TOO_LARGE: { what: 'larger than 2 GiB', fix: 'give a smaller file' },
  ERR_INVALID_ARG_VALUE: { what: 'no valid path', fix: 'check the path' },
  ENOSPC: {
    what: 'no space left on the disk',
    fix: 'free some space or choose another disk',
    everywhere: true,
  },
  EDQUOT: {
    what: 'the disk quota is used up',
    fix: 'free some space or choose another disk',
    everywhere: true,
  },
  EMFILE: {
    what: 'too many open files',
    fix: 'let the process open more (ulimit -n 1024), or give fewer files at a time',
    everywhere: true,
  },
  ENFILE: {
    what: 'the system has too many open files',
    fix: 'close other programs, or raise its limit (fs.file-max)',
    everywhere: true,
  },
  ENOMEM: {
    what: 'there is not enough memory',
    fix: 'close other programs, or give smaller files or fewer at a time',
    everywhere: true,
  },
  EAGAIN: {
    what: 'the system has no room for more threads or processes, or the file has nothing to give',
    fix: 'close other programs, or let this user start more (ulimit -u)',
    everywhere: true,
  },
  EIO: { what: 'the disk reports a read or write error', fix: 'check the disk', everywhere: true },
  ESTALE: { what: 'the network disk has lost the file', fix: 'mount the disk again', everywhere: true },
};

/** Whether an error of the file system is that nothing is at a path. */
export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '');

/** Turns what Node throws for a path into a LimnError that names it; rethrows what is no system error. */
export function failPath(path: string, error: unknown): never {
  const code = codeOf(error);
  if (code === undefined) throw error;
  const { what, fix, everywhere } = meanings[code] ?? { what: `the system says ${code}` };
  return fail(path, what, fix, everywhere && { kind: 'environment' });
}

/**
 * An error of the system that nobody expected, such as no more open files while a part of limn is loaded, as a LimnError
 * of the environment; undefined for all others.
 */
export function systemError(error: unknown): LimnError | undefined {
  const code = codeOf(error);
  if (code === undefined) return undefined;
  const { path, message } = error as { path?: unknown; message: string };
  const where = typeof path === 'string' ? path : 'limn';
  const about = { kind: 'environment' } as const;
  if (code === 'ERR_MODULE_NOT_FOUND') {
    // Node says so, too, where it could not open the package's description.
    const fix = 'install limn anew; or let the process open more files (ulimit -n 1024)';
    return new LimnError(
      'limn',
      `a part of it cannot be loaded: ${message.split(' imported from ')[0]}`,
      fix,
      about,
    );
  }
  const meaning = meanings[code];
  return meaning && new LimnError(where, meaning.what, meaning.fix, about);
}

function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
}
