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

/**
 * The pages of a database's tree, read one by one; every number of theirs is checked before it is used. `from` is the
 * page that led to one, for errors.
 */
export class LmdbPages {
  readonly #source: RandomAccess;
  readonly #pageSize: number;
  readonly #lastPage: number;
  readonly #file: string;

  constructor(source: RandomAccess, { pageSize, lastPage }: Meta, file: string) {
    this.#source = source;
    this.#pageSize = pageSize;
    this.#lastPage = lastPage;
    this.#file = file;
  }

  /** Ends with an error that names a page. */
  damaged(page: number, what: string): never {
    return fail(
      `${this.#file}, page ${page}`,
      `damaged: ${what}`,
      'copy the database again, or make it again',
    );
  }

  async branches(number: number, from: number): Promise<BranchPage[]> {
    const page = await this.#page(number, from, PageFlag.branch);
    const children = this.#nodes(page, number, (view, at) => ({
      page: view.getUint32(at, true) + view.getUint16(at + 4, true) * 2 ** 32,
      key: page.subarray(at + NODE_HEADER, at + NODE_HEADER + view.getUint16(at + 6, true)),
    }));
    return children.length > 0 ? children : this.damaged(number, 'a branch that leads nowhere');
  }

  async leaves(number: number, from: number): Promise<Leaf[]> {
    const page = await this.#page(number, from, PageFlag.leaf);
    return this.#nodes(page, number, (view, at) => this.#leaf(page, number, view, at));
  }

  /** The value of a leaf's node. */
  async value({ value, size }: Leaf, from: number): Promise<Uint8Array> {
    if (typeof value !== 'number') return value;
    const pages = overflowPages(size, this.#pageSize);
    if (!(value >= 2 && value + pages - 1 <= this.#lastPage)) {
      this.damaged(from, `it leads to a value of ${size} bytes at page ${value} of ${this.#lastPage + 1}`);
    }
    const bytes = await this.#source.read(value * this.#pageSize, PAGE_HEADER + size);
    const { number, type } = pageHeader(viewOf(bytes));
    if (number !== value || type !== PageFlag.overflow) this.damaged(value, 'no value is there');
    return bytes.subarray(PAGE_HEADER);
  }

  async #page(number: number, from: number, wanted: number): Promise<Uint8Array> {
    if (!(number >= 2 && number <= this.#lastPage))
      this.damaged(from, `it leads to page ${number} of ${this.#lastPage + 1}`);
    const page = await this.#source.read(number * this.#pageSize, this.#pageSize);
    const header = pageHeader(viewOf(page));
    if (header.number !== number) this.damaged(number, 'it does not bear its number');
    if (header.type !== wanted) this.damaged(number, `its type is ${header.flags}`);
    return page;
  }

  /** Calls `each` with the places of a page's nodes that lie inside of it. */
  #nodes<T>(page: Uint8Array, number: number, each: (view: DataView, at: number) => T): T[] {
    const pageSize = this.#pageSize;
    const view = viewOf(page);
    const lower = view.getUint16(12, true);
    if (lower < PAGE_HEADER || lower % 2 || lower > pageSize)
      this.damaged(number, `${lower} as end of its list`);
    return Array.from({ length: (lower - PAGE_HEADER) / 2 }, (_, i) => {
      const at = view.getUint16(PAGE_HEADER + 2 * i, true);
      if (at < lower || at + NODE_HEADER + view.getUint16(Math.min(at + 6, pageSize - 2), true) > pageSize) {
        this.damaged(number, `entry ${i} lies outside`);
      }
      return each(view, at);
    });
  }

  #leaf(page: Uint8Array, number: number, view: DataView, at: number): Leaf {
    const size = view.getUint32(at, true);
    const flags = view.getUint16(at + 4, true);
    const start = at + NODE_HEADER;
    const end = start + view.getUint16(at + 6, true);
    const key = page.subarray(start, end);
    if (flags & ~NodeFlag.big) {
      fail(
        this.#file,
        `${quoted(new TextDecoder().decode(key))} is a database inside of it`,
        'give a database of images',
      );
    }
    if (flags === 0 && end + size > this.#pageSize)
      this.damaged(number, `a value of ${size} bytes leaves it`);
    if (flags !== 0 && end + 8 > this.#pageSize) this.damaged(number, 'the place of a value lies outside');
    return {
      key,
      size,
      value: flags === 0 ? page.subarray(end, end + size) : Number(view.getBigUint64(end, true)),
    };
  }
}

/** What a page says of itself. */
function pageHeader(view: DataView): { number: number; flags: number; type: number } {
  const flags = view.getUint16(10, true);
  // 16 marks a page that was not written yet when its transaction ended; it says nothing on disk.
  return { number: Number(view.getBigUint64(0, true)), flags, type: flags & ~16 };
}
