import { CommanderError } from 'commander';
import { systemError } from '../common/errno.node.ts';
import { LimnError } from '../common/error.ts';
import { sayable } from '../common/quoted.ts';
import { flagNameOf } from '../common/shell.ts';
import { removeUnfinished } from '../common/unfinished.node.ts';
import type { Field } from '../common/words.ts';
import { loudness } from './loudness.ts';
import { toStderr } from './terminal.ts';

/** What `make` returns; a complaint of it about a value that stands on the command line is a wrong call. */
export function usage<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof LimnError ? error.with({ kind: 'request' }) : error;
  }
}

/** A field of a request, and a value of it, as the option that sets it: `--label-columns 'a b'`. */
export function flagOf({ field, value }: Field): string {
  const flag = flagNameOf(field);
  if (value === undefined) return flag;
  return /\s/.test(value) ? `${flag} '${value}'` : `${flag} ${value}`;
}

/** Tells the user of an error in one line on stderr, sets the exit code and leaves no half-written files. */
export function reportError(error: unknown): void {
  removeUnfinished();
  // The help that is shown to a call without a command says enough.
  const silent = error instanceof CommanderError && error.code === 'commander.help';
  const misused = error instanceof CommanderError || (error instanceof LimnError && error.kind === 'request');
  process.exitCode = misused ? 2 : 1;
  if (!silent) complain(errorLine(error));
  if ((process.env.LIMN_DEBUG || loudness() === 'verbose') && error instanceof Error)
    toStderr(`${error.stack}\n`);
}

/** Tells that stdout or stderr cannot be written. */
export function reportUnwritten(error: Error): void {
  complain(`the output cannot be written: ${systemError(error)?.what ?? error.message}`);
}

/** Says on stderr what people should know. */
export const note = (line: string): void => say('yellow', line);

/** Says on stderr what is wrong. */
export const complain = (line: string): void => say('red', line);

/** Says one thing on a line of its own; only what is wrong is said to those who want quiet. */
function say(style: 'red' | 'yellow', line: string): void {
  if (style === 'yellow' && loudness() === 'quiet') return;
  toStderr({ style, text: 'limn:' }, ` ${line.replace(/\s*\n\s*/g, ' ')}\n`);
}

/** Follows a verb by saying what people should know. */
export const sayNotes = { on: ({ text }: { readonly text: string }) => note(text) };

/** An error as one line. */
export function errorLine(error: unknown): string {
  if (error instanceof LimnError) return error.messageFor(flagOf);
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof CommanderError) {
    // "error: unknown option '--foo'\n(Did you mean --food?)"
    const [what, hint] = message
      .replace(/^error: /, '')
      .replace(' is invalid. ', ' is invalid: ')
      .split('\n');
    const help = hint ? hint.replace(/[()]/g, '').replace(/^Did/, 'did') : '--help shows what there is';
    return `${sayable(what)}; ${sayable(help)}`;
  }
  if (
    error instanceof RangeError &&
    /Array buffer allocation failed|Invalid typed array length/.test(message)
  ) {
    return 'memory: there is not enough of it; give smaller files or fewer at a time';
  }
  const system = systemError(error);
  if (system) return system.message;
  return `unexpected error: ${sayable(message)}; this is a bug in limn: --verbose shows where`;
}
