import { fstatSync, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { failEnvironment } from './error.ts';

/** Errors: the file at `path` is not the open one any more; it was removed, replaced, or its folder was. */
export function checkPresent(path: string, fd: number): void {
  const open = fstatSync(fd, { bigint: true });
  const there = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (there?.ino !== open.ino || there.dev !== open.dev)
    failEnvironment(
      path,
      'was removed or replaced while limn wrote to it',
      'leave it alone and run this again',
    );
}

/** What tells a file or folder from all others, by whatever path it is reached; undefined where there is none. */
export const folderIdentity = (path: string): Promise<string | undefined> =>
  stat(path, { bigint: true }).then(
    ({ dev, ino }) => `${dev} ${ino}`,
    () => undefined,
  );
