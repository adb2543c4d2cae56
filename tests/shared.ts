import { existsSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';

const root = fileURLToPath(new URL('../../shared/', import.meta.url));

/** The path of a file in the shared reference data, which is not part of the repository. */
export const shared = (path: string): string => `${root}${path}`;

const present = existsSync(root);
if (!present) console.warn('reference data (../shared) is not here: the tests that need it are skipped');

/** A `describe` that needs the shared reference data and is skipped where it is absent. */
export const describeShared = describe.skipIf(!present);

/** The paths of the files under a shared folder, sorted; none where the data is absent (describe blocks are run even when skipped). */
export const sharedFiles = (folder: string): string[] =>
  present
    ? readdirSync(shared(folder), { recursive: true, encoding: 'utf8' })
        .map((path) => `${folder}/${path}`)
        .sort()
    : [];
