import type { Input } from './unit.ts';

/** A word of a command, and what it counts for in the unit's id. */
export interface Word {
  /** Where it does not depend on the unit's id. */
  readonly text?: string;
  /** A path in the unit's own folder instead. */
  readonly inFolder?: string;
  /** For the id, in place of the text: a file counts by what is in it, not by where it lies. */
  readonly identity?: string;
  /** `false`: not at all. */
  readonly counts?: boolean;
}

/** A file or folder that a command reads. With no hash it counts by its path as the specification writes it. */
export interface Read {
  readonly word: Word;
  readonly input: Input;
}

export const word = (text: string): Word => ({ text });

export const inFolder = (path: string): Word => ({ inFolder: path });

export const identityOf = ({ text, inFolder: own, identity }: Word): string => identity ?? text ?? `./${own}`;

export const textOf = ({ text, inFolder: own }: Word, folder: string): string => text ?? `${folder}/${own}`;

/** `--flag value`, or nothing. */
export const flag = (name: string, value: Word | undefined): Word[] =>
  value ? [word(`--${name}`), value] : [];

/** Words that change nothing of a result: how much is printed, how many snapshots stay. */
export const uncounted = (words: readonly Word[]): Word[] =>
  words.map((each) => ({ ...each, counts: false }));
