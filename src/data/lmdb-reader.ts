import { fail } from '../common/error.ts';
import {
  compareKeys,
  MAX_DEPTH,
  META_BYTES,
  type Meta,
  NODE_HEADER,
  NodeFlag,
  overflowPages,
  PAGE_HEADER,
  PageFlag,
  readMeta,
  viewOf,
} from './lmdb-format.ts';
import type { RandomAccess } from './randomaccess.ts';

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
}

/** A node of a leaf page. */
interface Leaf {
  readonly key: Uint8Array;
  readonly size: number;
  /** The value, or the first of the pages that hold it. */
  readonly value: Uint8Array | number;
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
  const damaged = (page: number, what: string): never =>
    fail(`${file}, page ${page}`, `damaged: ${what}`, 'copy the database again, or make it again');

  const readPage = async (number: number, from: number, wanted: number): Promise<Uint8Array> => {
    if (!(number >= 2 && number <= lastPage)) damaged(from, `it leads to page ${number} of ${lastPage + 1}`);
    const page = await source.read(number * pageSize, pageSize);
    const view = viewOf(page);
    if (Number(view.getBigUint64(0, true)) !== number) damaged(number, 'it does not bear its number');
    // 16 marks a page that was not written yet when its transaction ended; it says nothing on disk.
    if ((view.getUint16(10, true) & ~16) !== wanted)
      damaged(number, `its type is ${view.getUint16(10, true)}`);
    return page;
  };

  /** Calls `each` with the places of a page's nodes that lie inside of it. */
  const nodesOf = <T>(page: Uint8Array, number: number, each: (view: DataView, at: number) => T): T[] => {
    const view = viewOf(page);
    const lower = view.getUint16(12, true);
    if (lower < PAGE_HEADER || lower % 2 || lower > pageSize) damaged(number, `${lower} as end of its list`);
    return Array.from({ length: (lower - PAGE_HEADER) / 2 }, (_, i) => {
      const at = view.getUint16(PAGE_HEADER + 2 * i, true);
      if (at < lower || at + NODE_HEADER + view.getUint16(Math.min(at + 6, pageSize - 2), true) > pageSize) {
        damaged(number, `entry ${i} lies outside`);
      }
      return each(view, at);
    });
  };

  const branches = (page: Uint8Array, number: number) => {
    const children = nodesOf(page, number, (view, at) => ({
      page: view.getUint32(at, true) + view.getUint16(at + 4, true) * 2 ** 32,
      key: page.subarray(at + NODE_HEADER, at + NODE_HEADER + view.getUint16(at + 6, true)),
    }));
    return children.length > 0 ? children : damaged(number, 'a branch that leads nowhere');
  };

  const leaves = (page: Uint8Array, number: number): Leaf[] =>
    nodesOf(page, number, (view, at) => {
      const size = view.getUint32(at, true);
      const flags = view.getUint16(at + 4, true);
      const start = at + NODE_HEADER;
      const end = start + view.getUint16(at + 6, true);
      const key = page.subarray(start, end);
      if (flags & ~NodeFlag.big) {
        fail(
          file,
          `'${new TextDecoder().decode(key)}' is a database inside of it`,
          'give a database of images',
        );
      }
      if (flags === 0 && end + size > pageSize) damaged(number, `a value of ${size} bytes leaves it`);
      if (flags !== 0 && end + 8 > pageSize) damaged(number, 'the place of a value lies outside');
      return {
        key,
        size,
        value: flags === 0 ? page.subarray(end, end + size) : Number(view.getBigUint64(end, true)),
      };
    });

  const fetchValue = async ({ value, size }: Leaf, from: number): Promise<Uint8Array> => {
    if (typeof value !== 'number') return value;
    const pages = overflowPages(size, pageSize);
    if (!(value >= 2 && value + pages - 1 <= lastPage)) {
      damaged(from, `it leads to a value of ${size} bytes at page ${value} of ${lastPage + 1}`);
    }
    const bytes = await source.read(value * pageSize, PAGE_HEADER + size);
    const view = viewOf(bytes);
    if (
      Number(view.getBigUint64(0, true)) !== value ||
      (view.getUint16(10, true) & ~16) !== PageFlag.overflow
    ) {
      damaged(value, 'no value is there');
    }
    return bytes.subarray(PAGE_HEADER);
  };

  async function* iterate(from = 0): AsyncGenerator<LmdbEntry, void> {
    if (main.root === undefined) return;
    let seen = 0;
    let visited = 0;
    let last: Uint8Array | undefined;
    const way: { number: number; from: number; level: number }[] = [{ number: main.root, from: 1, level: 1 }];
    for (let at = way.pop(); at; at = way.pop()) {
      // A damaged tree can lead back into itself.
      if (++visited > lastPage) damaged(at.number, 'pages lead in a circle');
      const { number, level } = at;
      const isLeaf = level === main.depth;
      const page = await readPage(number, at.from, isLeaf ? PageFlag.leaf : PageFlag.branch);
      if (!isLeaf) {
        const children = branches(page, number).map((child) => ({
          number: child.page,
          from: number,
          level: level + 1,
        }));
        way.push(...children.reverse());
        continue;
      }
      for (const leaf of leaves(page, number)) {
        if (last && compareKeys(last, leaf.key) >= 0) damaged(number, 'its keys are not in order');
        last = leaf.key;
        if (seen++ < from) continue;
        yield { key: leaf.key, size: leaf.size, value: () => fetchValue(leaf, number) };
      }
    }
    if (seen !== main.entries)
      fail(file, `damaged: ${seen} of ${main.entries} entries are there`, 'make it again');
  }

  async function get(key: Uint8Array): Promise<Uint8Array | undefined> {
    if (main.root === undefined) return undefined;
    let number = main.root;
    let from = 1;
    for (let level = 1; level < main.depth; level++) {
      const children = branches(await readPage(number, from, PageFlag.branch), number);
      from = number;
      // The first child's key is empty: all that come before the second are there.
      number = children.findLast((child, i) => i === 0 || compareKeys(child.key, key) <= 0)!.page;
    }
    const page = await readPage(number, from, PageFlag.leaf);
    const found = leaves(page, number).find((leaf) => compareKeys(leaf.key, key) === 0);
    return found && fetchValue(found, number);
  }

  return { entries: main.entries, iterate, get };
}

/** The meta page of the last finished transaction. */
async function newestMeta(source: RandomAccess, file: string): Promise<Meta> {
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
