import { fail } from '../common/error.ts';
import { readText } from '../common/files.ts';
import { type Codec, differences, type Identity, openJournal } from '../common/journal.ts';
import { type Shard, shardName } from '../common/shard.ts';
import { field, words } from '../common/words.ts';
import type { Host } from './host.ts';

/** How results of one kind are read. */
export interface ResultReader<T> {
  /** What a file of them is: `a report on clusters`. */
  readonly what: string;
  /** What is in it: `clusters`. */
  readonly holds: string;
  read(text: string, path: string): T;
  identityOf(result: T): Identity;
}

/** What is kept in a file, if that is of the same work; undefined where there is none. Errors: it is of other work. */
export async function keptResult<T>(
  path: string,
  identity: Identity,
  { what, holds, read, identityOf }: ResultReader<T>,
  { files }: Host,
): Promise<T | undefined> {
  if (!(await files.kindOf(path))) return undefined;
  const found = read(await readText(files, path, what), path);
  const other = differences(identityOf(found), identity);
  if (other.length === 0) return found;
  return fail(
    path,
    [`holds ${holds} with another `, ...other],
    words`give another ${field('output')}, or replace it with ${field('restart')}`,
  );
}

/** The identity of a part of some work, or of the whole. */
export const ofShard = (identity: Identity, shard: Shard | undefined): Identity =>
  shard ? { ...identity, shard: shardName(shard) } : identity;

/** What an interrupted call left of work whose items have files of their own, and where further items are kept. */
export interface KeptItems<T> {
  /** By their places; all their files are there still. */
  readonly items: ReadonlyMap<number, T>;
  /** Once its files are written. */
  keep(index: number, item: T): Promise<void>;
  close(): Promise<void>;
  /** When all is done. */
  remove(): Promise<void>;
}

/** Where nothing is kept. */
export const nothingKept = <T>(): KeptItems<T> => {
  const nothing = async () => {};
  return { items: new Map<number, T>(), keep: nothing, close: nothing, remove: nothing };
};

/**
 * Opens the journal of such work. `restored` is an item as it is here, with its files. What other work left is begun anew: its files
 * are limn's, and are written over as those of a finished call.
 */
export async function openKeptItems<T>(
  path: string,
  identity: Identity,
  codec: Codec<T>,
  restored: (index: number, item: T) => { readonly item: T; readonly files: readonly string[] },
  { files }: Host,
): Promise<KeptItems<T>> {
  files.resume([path]);
  const journal = await openJournal(path, identity, files, codec, { replaces: true });
  try {
    const items = new Map<number, T>();
    for (const [index, entry] of journal.entries) {
      const { item, files: own } = restored(index, entry);
      const kinds = await Promise.all(own.map((file) => files.kindOf(file)));
      if (kinds.every((kind) => kind === 'file')) items.set(index, item);
    }
    return {
      items,
      keep: (index, item) => journal.add([[index, item]]),
      close: () => journal.close(),
      remove: () => files.remove(path),
    };
  } catch (error) {
    await journal.close();
    throw error;
  }
}
