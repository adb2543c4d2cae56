import { CommanderError } from 'commander';
import { removeUnfinished } from '../common/atomic.node.ts';
import { LimnError } from '../common/error.ts';

/** A wrong call, whatever the data: exit code 2. */
export class UsageError extends LimnError {}

/** Throws a {@link UsageError}. */
export function misuse(where: string, what: string, fix?: string): never {
  throw new UsageError(where, what, fix);
}

/** What `make` returns; a complaint of it about a value that stands on the command line is a wrong call. */
export function usage<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (error instanceof LimnError) throw new UsageError(error.where, error.what, error.fix);
    throw error;
  }
}

/** Tells the user of an error in one line on stderr, sets the exit code and leaves no half-written files. */
export function report(error: unknown): void {
  removeUnfinished();
  if (error instanceof CommanderError && error.exitCode === 0) return;
  // The help that is shown to a call without a command says enough.
  const silent = error instanceof CommanderError && error.code === 'commander.help';
  process.exitCode = error instanceof CommanderError || error instanceof UsageError ? 2 : 1;
  if (!silent) complain(lineOf(error));
  if (process.env.LIMN_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
}

/** Says one thing on stderr. */
export function complain(line: string): void {
  process.stderr.write(`limn: ${line.replace(/\s*\n\s*/g, ' ')}\n`);
}

/** An error as one line. */
export function lineOf(error: unknown): string {
  if (error instanceof LimnError) return error.message;
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof CommanderError) {
    // "error: unknown option '--foo'\n(Did you mean --food?)"
    const [what, hint] = message.replace(/^error: /, '').split('\n');
    return `${what}; ${hint ? hint.replace(/[()]/g, '').replace(/^Did/, 'did') : '--help shows what there is'}`;
  }
  if (
    error instanceof RangeError &&
    /Array buffer allocation failed|Invalid typed array length/.test(message)
  ) {
    return 'memory: there is not enough of it; give smaller files or fewer at a time';
  }
  return `unexpected error: ${message}; this is a bug in limn: LIMN_DEBUG=1 shows where`;
}
