import { LimnError } from './error.ts';

/** An error on its way between threads, in parts: as a whole it would lose its class. */
export type Failure =
  | { readonly kind: 'wrong'; readonly where: string; readonly what: string; readonly fix?: string }
  | { readonly kind: 'bug'; readonly error: unknown };

/** What a thread sends of what it caught. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof LimnError)) return { kind: 'bug', error };
  return { kind: 'wrong', where: error.where, what: error.what, fix: error.fix };
}

/** What is thrown where it arrives. */
export const errorOf = (failure: Failure): unknown =>
  failure.kind === 'bug' ? failure.error : new LimnError(failure.where, failure.what, failure.fix);
