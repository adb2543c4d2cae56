import { rmSync } from 'node:fs';

/** Temporary files that are being written. Kept apart from what writes them, so that a process can end early without it. */
export const unfinished = new Set<string>();

/** Removes the temporary files that are being written; for a process that is about to end early. */
export function removeUnfinished(): void {
  for (const path of unfinished) rmSync(path, { force: true });
}
