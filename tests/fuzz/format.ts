import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Structure } from './mutate.ts';

/** A kind of file that limn reads, and how it is tried. */
export interface Format {
  readonly name: string;
  readonly structure: Structure;
  /** Whole files to begin with. */
  readonly seeds: readonly Uint8Array[];
  /** Words that mean something in it. */
  readonly words?: readonly string[];
  /** Whether errors need not name the file: they come of what was read of it. */
  readonly nameless?: boolean;
  /** Reads a file called `file`, and goes as far with what was read as a command would. Errors: only limn's own. */
  readonly read: (bytes: Uint8Array) => unknown;
}

/** What readers call the file, which all errors must name. */
export const FILE = 'file';

/** The tests' files; tests and scripts start in the folder of the package. */
export const FIXTURES = 'tests/fixtures';

export const fixture = (path: string): Uint8Array => new Uint8Array(readFileSync(join(FIXTURES, path)));

export const seed = (name: string): Uint8Array => fixture(`fuzz/seeds/${name}`);

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
