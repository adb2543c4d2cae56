import { fail } from '../common/error.ts';
import { quoted } from '../common/quoted.ts';
import type { Files } from './files.node.ts';
import type { Spec, Stage } from './spec.ts';
import type { Input } from './unit.ts';
import { type Case, choose } from './variables.ts';
import { flag, type Read, type Word, word } from './words.ts';

/** A unit before it has an id. */
export interface Draft {
  readonly kind: string;
  /** Its name's last part. */
  readonly label: string;
  readonly words: readonly Word[];
  /** What its command is when it goes on. */
  readonly resumed?: readonly Word[];
  readonly inputs: readonly Input[];
  /** In the unit's folder. */
  readonly outputs: readonly string[];
  readonly iterations?: number;
}

/** Where drafts come from: one case of a specification, and the files that it names. */
export interface Desk {
  readonly spec: Spec;
  readonly each: Case;
  readonly files: Files;
}

/** The one value of an option, if any. Errors: several. */
export function one({ options, where }: Stage, { spec, each }: Desk, name: string): string | undefined {
  const values = choose(options.get(name), each, spec);
  if (values && values.length !== 1) fail(where, `several values for ${quoted(name)}`, 'give one');
  return values?.[0];
}

/** The one value of an option. Errors: none, or several. */
export const required = (stage: Stage, desk: Desk, name: string): string =>
  one(stage, desk, name) ?? fail(stage.where, `${quoted(name)} has no value for ${desk.each.definition}`);

/** Options whose values are passed on as they are. */
export const plain = (stage: Stage, desk: Desk, names: readonly string[]): Word[] =>
  names.flatMap((name) => {
    const value = one(stage, desk, name);
    return flag(name, value === undefined ? undefined : word(value));
  });

/** Options without a value, which are true or false here. */
export const switches = (stage: Stage, desk: Desk, names: readonly string[]): Word[] =>
  names.flatMap((name) => {
    const value = one(stage, desk, name) ?? 'false';
    if (value !== 'true' && value !== 'false')
      fail(stage.where, `'${name}' is true or false, not ${quoted(value)}`);
    return value === 'true' ? [word(`--${name}`)] : [];
  });

/** A file counts by its contents, a folder by its path as it is written. */
export async function reads(files: Files, path: string): Promise<Read> {
  const sha256 = await files.sha256(path);
  const planned = files.planned(path);
  return {
    word: { text: planned, identity: sha256 ?? path },
    input: { path: planned, ...(sha256 !== undefined && { sha256 }) },
  };
}
