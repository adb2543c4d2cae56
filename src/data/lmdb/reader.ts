import { fail } from '../../common/error.ts';
import { refuseOthers } from '../../common/filekind.ts';
import { compareKeys, MAX_DEPTH, META_BYTES, type Meta, readMeta, type Tree } from './format.ts';
import type { RandomAccess } from './randomaccess.ts';
import { type Leaf, LmdbPages } from './tree.ts';

/** An entry whose value is read when it is asked for. */
export interface LmdbEntry {
  readonly key: Uint8Array;
  /** Bytes of the value. */
  readonly size: number;
  value(): Promise<Uint8Array>;
}

/** A database that is open for reading; nothing stands against several iterations at once. */
export interface Lmdb {
  readonly entries: number;
  /** All entries from index `from` on, in the order of their keys. */
  iterate(from?: number): AsyncGenerator<LmdbEntry, void>;
  /** The value of a key; undefined where it has none. */
  get(key: Uint8Array): Promise<Uint8Array | undefined>;
  /** Where the entries are: one pass over the leaf pages, without the values. */
  directory(): Promise<LmdbDirectory>;
  /** The entry of an index in the order of the keys, by the directory of the same file. */
  at(index: number, directory: LmdbDirectory): Promise<LmdbEntry>;
}

/** The leaf pages in the order of their keys. Plain data, some 16 bytes for each fifty entries of pictures. */
export interface LmdbDirectory {
  readonly pages: Float64Array;
  /** The index of each page's first entry. */
  readonly starts: Float64Array;
}

/**
 * Opens the `data.mdb` of an LMDB database, data version 1, without LMDB: everything is read through `source`, a page
 * or a value at a time, so that it works on a file of any size and in the browser. Every number of the file is checked
 * before it is used. Errors, when opening or reading, name `file`, the page, and what is wrong: no LMDB file, another
 * data version, truncated, damaged.
 */
export async function openLmdb(source: RandomAccess, file: string): Promise<Lmdb> {
  const meta = await newestMeta(source, file);
  const { main, pageSize, lastPage } = meta;
  if (main.flags & ~8) {
    fail(
      file,
      'keys with several values, in reverse or as integers',
      'Caffe has one value for each text key',
    );
  }
  if ((lastPage + 1) * pageSize > source.size) {
    fail(
      file,
      `truncated: it should have ${(lastPage + 1) * pageSize} bytes and has ${source.size}`,
      'copy it again, or make it again',
    );
  }
  return new LmdbReader(main, new LmdbPages(source, meta, file), lastPage, file);
}

class LmdbReader implements Lmdb {
  readonly entries: number;
  readonly #tree: Tree;
  readonly #pages: LmdbPages;
  readonly #lastPage: number;
  readonly #file: string;
  /** Neighbours lie in one leaf page: whoever goes on in order need not read it again. */
  #latest: { readonly number: number; readonly leaves: Promise<Leaf[]> } | undefined;

  constructor(tree: Tree, pages: LmdbPages, lastPage: number, file: string) {
    this.entries = tree.entries;
    this.#tree = tree;
    this.#pages = pages;
    this.#lastPage = lastPage;
    this.#file = file;
  }

  async *iterate(from = 0): AsyncGenerator<LmdbEntry, void> {
    let seen = 0;
    for await (const { number, leaves } of this.#walk()) {
      for (const leaf of leaves) if (seen++ >= from) yield this.#entry(leaf, number);
    }
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    const { root, depth } = this.#tree;
    if (root === undefined) return undefined;
    let number = root;
    let from = 1;
    for (let level = 1; level < depth; level++) {
      const children = await this.#pages.branches(number, from);
      from = number;
      // The first child's key is empty: all that come before the second are there.
      number = children.findLast((child, i) => i === 0 || compareKeys(child.key, key) <= 0)!.page;
    }
    const found = (await this.#pages.leaves(number, from)).find((leaf) => compareKeys(leaf.key, key) === 0);
    return found && this.#pages.value(found, number);
  }

  async directory(): Promise<LmdbDirectory> {
    const numbers: number[] = [];
    const starts: number[] = [];
    let seen = 0;
    for await (const { number, leaves } of this.#walk()) {
      numbers.push(number);
      starts.push(seen);
      seen += leaves.length;
    }
    return { pages: Float64Array.from(numbers), starts: Float64Array.from(starts) };
  }

  async at(index: number, { pages: numbers, starts }: LmdbDirectory): Promise<LmdbEntry> {
    const { entries } = this;
    if (!(index >= 0 && index < entries)) fail(this.#file, `no entry ${index}: it has ${entries}`);
    let low = 0;
    for (let high = starts.length; high - low > 1; ) {
      const middle = (low + high) >> 1;
      if (starts[middle] <= index) low = middle;
      else high = middle;
    }
    const number = numbers[low];
    const latest =
      this.#latest?.number === number ? this.#latest : { number, leaves: this.#pages.leaves(number, number) };
    this.#latest = latest;
    const leaf = (await latest.leaves)[index - starts[low]];
    return this.#entry(leaf ?? this.#pages.damaged(number, 'it has fewer entries than before'), number);
  }

  /** The leaf pages in the order of their keys. */
  async *#walk(): AsyncGenerator<{ number: number; leaves: Leaf[] }, void> {
    const { root, depth, entries } = this.#tree;
    const pages = this.#pages;
    if (root === undefined) return;
    let seen = 0;
    let visited = 0;
    let last: Uint8Array | undefined;
    const way: { number: number; from: number; level: number }[] = [{ number: root, from: 1, level: 1 }];
    for (let at = way.pop(); at; at = way.pop()) {
      const { number, from, level } = at;
      // A damaged tree can lead back into itself.
      if (++visited > this.#lastPage) pages.damaged(number, 'pages lead in a circle');
      if (level < depth) {
        const children = await pages.branches(number, from);
        way.push(...children.map(({ page }) => ({ number: page, from: number, level: level + 1 })).reverse());
        continue;
      }
      const leaves = await pages.leaves(number, from);
      for (const { key } of leaves) {
        if (last && compareKeys(last, key) >= 0) pages.damaged(number, 'its keys are not in order');
        last = key;
      }
      seen += leaves.length;
      yield { number, leaves };
    }
    if (seen !== entries)
      fail(this.#file, `damaged: ${seen} of ${entries} entries are there`, 'make it again');
  }

  #entry(leaf: Leaf, page: number): LmdbEntry {
    return { key: leaf.key, size: leaf.size, value: () => this.#pages.value(leaf, page) };
  }
}

/** The meta page of the last finished transaction. */
async function newestMeta(source: RandomAccess, file: string): Promise<Meta> {
  if (source.size > 0) {
    const start = await source.read(0, Math.min(source.size, 4096));
    refuseOthers(start, file, 'an LMDB database', 'database');
  }
  if (source.size < META_BYTES)
    fail(file, 'too short for an LMDB database', 'give the folder that holds data.mdb');
  const first = readMeta(await source.read(0, META_BYTES), file);
  if (source.size < first.pageSize + META_BYTES)
    fail(file, 'truncated after its first page', 'make it again');
  const second = readMeta(await source.read(first.pageSize, META_BYTES), file);
  const meta = first.transaction >= second.transaction ? first : second;
  const { main } = meta;
  const sound =
    second.pageSize === first.pageSize &&
    main.depth <= MAX_DEPTH &&
    Number.isSafeInteger(meta.lastPage * meta.pageSize) &&
    meta.lastPage >= 1 &&
    (main.root === undefined ? main.entries === 0 : main.depth >= 1);
  return sound ? meta : fail(file, 'damaged: its first pages contradict each other', 'make it again');
}
