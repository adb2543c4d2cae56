import { fail } from '../../common/error.ts';
import { quoted } from '../../common/quoted.ts';
import { type Meta, NODE_HEADER, NodeFlag, overflowPages, PAGE_HEADER, PageFlag, viewOf } from './format.ts';
import type { RandomAccess } from './randomaccess.ts';

/** A node of a leaf page. */
export interface Leaf {
  readonly key: Uint8Array;
  readonly size: number;
  /** The value, or the first of the pages that hold it. */
  readonly value: Uint8Array | number;
}

/** A page that a branch page leads to, with the first key below it; that of the first page is empty. */
export interface BranchPage {
  readonly page: number;
  readonly key: Uint8Array;
}

/** The pages of a database's tree; `from` is the page that led to one, for errors. */
export interface LmdbPages {
  /** Ends with an error that names a page. */
  damaged(page: number, what: string): never;
  branches(number: number, from: number): Promise<BranchPage[]>;
  leaves(number: number, from: number): Promise<Leaf[]>;
  /** The value of a leaf's node. */
  value(leaf: Leaf, page: number): Promise<Uint8Array>;
}

/** Reads pages one by one; every number of theirs is checked before it is used. */
export function lmdbPages(source: RandomAccess, { pageSize, lastPage }: Meta, file: string): LmdbPages {
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
          `${quoted(new TextDecoder().decode(key))} is a database inside of it`,
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

  return {
    damaged,
    branches: async (number, from) => branches(await readPage(number, from, PageFlag.branch), number),
    leaves: async (number, from) => leaves(await readPage(number, from, PageFlag.leaf), number),
    value: fetchValue,
  };
}
