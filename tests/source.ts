import { readFileSync } from 'node:fs';

/** What a module does: its text without the comments that document it, whose examples open files and print. */
export const codeOf = (path: string): string =>
  readFileSync(path, 'utf8').replace(/^ *\/\*\*[\s\S]*?\*\//gm, '');
