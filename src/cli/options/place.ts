import { failRequest } from '../../common/error.ts';
import { quoted } from '../../common/quoted.ts';
import type { Command } from '../command.ts';

/** Where files are that definitions of other machines name. */
export interface PlaceOptions {
  readonly map: Readonly<Record<string, string>>;
  readonly dataRoot?: string;
}

/** `files`: `the file` or `the files` whose paths are meant. */
export function withPlaceOptions(given: Command, files: string): Command {
  return given
    .option('--map <old=new>', `paths in ${files} that begin with OLD begin with NEW; repeatable`, mapped, {})
    .option('--data-root <folder>', 'where databases, lists and means of other machines are looked for');
}

/** The first of two that begin alike counts. */
function mapped(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const at = text.indexOf('=');
  const [from, to] = [text.slice(0, Math.max(at, 0)), text.slice(at + 1)];
  if (from === '' || to === '') failRequest('--map', `expected OLD=NEW, got ${quoted(text)}`);
  return { [from]: to, ...before };
}
