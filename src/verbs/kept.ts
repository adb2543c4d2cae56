import { fail } from '../common/error.ts';
import { readText } from '../common/files.ts';
import { differences, type Identity } from '../common/journal.ts';
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
