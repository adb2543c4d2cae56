import { fail } from './error.ts';

const meanings: Readonly<Record<string, readonly [what: string, fix: string]>> = {
  ENOENT: ['no such file or folder', 'check the path'],
  EISDIR: ['is a folder', 'give a file'],
  ENOTDIR: ['a part of the path is a file, not a folder', 'check the path'],
  EACCES: ['permission denied', 'check who may read and write it'],
  EPERM: ['permission denied', 'check who may read and write it'],
  EROFS: ['the file system is read-only', 'choose another folder'],
  EEXIST: ['a file of that name is in the way', 'choose another path'],
  ENOSPC: ['no space left on the disk', 'free some space or choose another disk'],
  EDQUOT: ['the disk quota is used up', 'free some space or choose another disk'],
  EMFILE: ['too many open files', 'give fewer files at a time'],
  ENAMETOOLONG: ['the path is too long', 'choose a shorter one'],
  ELOOP: ['the path is a loop of links', 'check the path'],
  EFBIG: ['the file is too large for its file system', 'choose another disk'],
  EIO: ['the disk reports a read or write error', 'check the disk'],
  ERR_FS_FILE_TOO_LARGE: ['larger than 2 GiB', 'give a smaller file'],
  ERR_INVALID_ARG_VALUE: ['no valid path', 'check the path'],
};

/** Turns what Node throws for a path into a LimnError that names it; rethrows what is no system error. */
export function failPath(path: string, error: unknown): never {
  const code = (error as { code?: unknown } | undefined)?.code;
  if (typeof code !== 'string') throw error;
  const [what, fix] = meanings[code] ?? [`the system says ${code}`, undefined];
  return fail(path, what, fix);
}
