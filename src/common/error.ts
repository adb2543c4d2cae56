/**
 * An error in what the user gave: a file, a layer, a flag. Its message is one line of three parts:
 * where it stands, what is wrong, and what to do. Anything else that is thrown is a bug in limn.
 */
export class LimnError extends Error {
  override readonly name = 'LimnError';

  constructor(
    /** File, layer, line and column, byte offset: whatever finds the place. */
    readonly where: string,
    readonly what: string,
    /** What the user can do about it. */
    readonly fix?: string,
  ) {
    super(`${where}: ${what}${fix ? `; ${fix}` : ''}`);
  }
}

/** Throws a {@link LimnError}; usable as an expression: `map.get(key) ?? fail(…)`. */
export function fail(where: string, what: string, fix?: string): never {
  throw new LimnError(where, what, fix);
}
