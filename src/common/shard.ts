import { fail } from './error.ts';
import { differences, type Identity } from './journal.ts';
import type { Words } from './words.ts';

/** The file that tells of a shard, in its folder, in place of the whole's record: no program takes the one for the other. */
export const SHARD_FILE = 'shard.json';

/** One of several parts into which the items of a piece of work are divided; the first is 1. */
export interface Shard {
  readonly index: number;
  readonly of: number;
}

/** What a shard of a piece of work wrote, as far as it tells whether shards belong together. */
export interface ShardRecord {
  readonly shard: Shard;
  /** Of the whole work. */
  readonly identity: Identity;
  readonly versions: Readonly<Record<string, string>>;
}

/**
 * Which of so many items are a shard's: a range, `to` not included. All shards have equally many, or one more or less. Errors: fewer
 * items than shards. `where` says of what they are, `what` what is counted, in the plural.
 */
export function shardRange(
  count: number,
  { index, of }: Shard,
  where: Words,
  what = 'photos',
): { readonly from: number; readonly to: number } {
  if (of > count) fail(where, `${of} shards of ${count} ${what}: some would be empty`, 'make fewer');
  const edge = (n: number) => Math.floor((count * n) / of);
  return { from: edge(index - 1), to: edge(index) };
}

/**
 * Puts shards in their order. Errors, which name the files: shards of different work, by different versions, of another number of
 * shards; one that is there twice; those that are missing.
 */
export function completeShards<T extends ShardRecord>(
  shards: readonly (readonly [path: string, record: T])[],
): readonly T[] {
  const [[firstPath, first]] = shards as readonly [readonly [string, T], ...(readonly [string, T])[]];
  const { of } = first.shard;
  const paths = new Map<number, string>();
  for (const [path, { shard, identity, versions }] of shards) {
    const other = differences(first.identity, identity);
    if (other.length > 0)
      fail(path, ['made with another ', ...other, ` than ${firstPath}`], 'merge what belongs together');
    const version = Object.keys({ ...versions, ...first.versions }).find(
      (name) => versions[name] !== first.versions[name],
    );
    if (version !== undefined) {
      const [theirs, ours] = [first, { versions }].map((each) => each.versions[version] ?? 'none');
      fail(
        path,
        `made by ${version} ${ours}, ${firstPath} by ${theirs}`,
        'make all shards with the same versions',
      );
    }
    if (shard.of !== of)
      fail(path, `one of ${shard.of} shards, ${firstPath} is one of ${of}`, 'divide it anew');
    const twin = paths.get(shard.index);
    if (twin !== undefined)
      fail(path, `shard ${shard.index} of ${of}, as ${twin} is`, 'give each shard once');
    paths.set(shard.index, path);
  }
  const missing = Array.from({ length: of }, (_, i) => i + 1).filter((index) => !paths.has(index));
  if (missing.length > 0) {
    const shown = missing.slice(0, 10).join(', ') + (missing.length > 10 ? `, … (${missing.length})` : '');
    fail(
      firstPath,
      `of ${of} shards, ${shown} ${missing.length > 1 ? 'are' : 'is'} missing`,
      'give all of them',
    );
  }
  return shards.map(([, record]) => record).sort((a, b) => a.shard.index - b.shard.index);
}

/** `2 of 8`. */
export const shardName = ({ index, of }: Shard): string => `${index} of ${of}`;

/** Whether data that was read is a shard's number. */
export function isShard(value: unknown): value is Shard {
  const { index, of } = (value ?? {}) as Record<string, unknown>;
  return (
    Number.isSafeInteger(index) &&
    Number.isSafeInteger(of) &&
    (index as number) >= 1 &&
    (index as number) <= (of as number)
  );
}
