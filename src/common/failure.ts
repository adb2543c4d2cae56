import { type ErrorAbout, LimnError } from './error.ts';
import type { Words } from './words.ts';

/** An error on its way between threads, in parts: as a whole it would lose its class. */
export type Failure =
  | {
      readonly kind: 'wrong';
      readonly parts: readonly [where: Words, what: Words, fix?: Words];
      readonly about: ErrorAbout;
    }
  | { readonly kind: 'bug'; readonly error: unknown };

/** What a thread sends of what it caught. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof LimnError)) return { kind: 'bug', error };
  return { kind: 'wrong', parts: error.parts, about: { kind: error.kind, item: error.item } };
}

/** What is thrown where it arrives. */
export function errorOf(failure: Failure): unknown {
  if (failure.kind === 'bug') return failure.error;
  const [where, what, fix] = failure.parts;
  return new LimnError(where, what, fix, failure.about);
}
